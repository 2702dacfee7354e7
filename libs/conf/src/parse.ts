import { ConfSyntaxError } from './errors.js';
import type { Layout } from './layout.js';
import { DEFAULT_LIMITS, type ConfLimits } from './limits.js';
import { ConfParser } from './parser.js';

/** Parses one text at once. @throws ConfSyntaxError with all problems. */
export function parseLayout(
  text: string,
  options: {
    readonly path?: string;
    readonly previous: Layout | undefined;
    readonly limits?: Partial<ConfLimits>;
  },
): Layout {
  const { path, previous, limits } = options;
  const parser = new ConfParser({ ...DEFAULT_LIMITS, ...limits }, previous);
  parser.enter({ path, text, quotable: true });
  for (;;) {
    const step = parser.advance(Infinity);
    if (step === 'done') break;
    if (step !== 'slice') {
      const message =
        'expected a text without .include, which only ConfMap.fromFile can follow';
      parser.problems.add(path, { line: step.line, message });
    }
  }
  return finish(parser, [], previous);
}

/** The layout of a parser that is done, or the previous one if nobody could tell them apart. */
export function finish(
  parser: ConfParser,
  files: readonly string[],
  previous: Layout | undefined,
): Layout {
  const { problems } = parser;
  if (problems.count > 0) {
    throw new ConfSyntaxError('Malformed configuration', problems.all);
  }
  const layout = parser.finish(files);
  return previous?.isSameAs(layout) ? previous : layout;
}
