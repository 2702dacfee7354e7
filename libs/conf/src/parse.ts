import { ConfSyntaxError } from './errors.js';
import { TextFeed } from './feed.js';
import type { Layout } from './layout.js';
import {
  DEFAULT_LIMITS,
  findLongLine,
  lineOf,
  type ConfLimits,
} from './limits.js';
import { ConfParser } from './parser.js';
import { keepStandby } from './standby.js';

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
  keepStandby();
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const parser = new ConfParser(bounds, previous);
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const long = findLongLine(plain, bounds.lineLength);
  if (long === undefined) {
    parser.enter({ path, quotable: true, open: () => new TextFeed(plain) });
  } else {
    const { start, message } = long;
    parser.problems.add(path, { line: lineOf(plain, start), message });
  }
  for (;;) {
    const step = parser.advance(Infinity);
    if (step === 'done') break;
    if (typeof step === 'object') {
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
