import type { Layout } from '../layout/layout.js';
import { ConfSyntaxError } from '../problems/conf-error.js';
import { findLongLine, lineOf } from '../text/long-line.js';
import { WholeText } from '../text/whole-text.js';
import { DEFAULT_LIMITS, type ConfLimits } from '../problems/conf-limits.js';
import { ConfParser } from './conf-parser.js';
import { keepParserWarm } from './warm-parser.js';

/** Parses one text at once. @throws ConfSyntaxError with all problems. */
export function parseText(
  text: string,
  options: {
    readonly path?: string;
    readonly previous: Layout | undefined;
    readonly limits?: Partial<ConfLimits>;
  },
): Layout {
  const { path, previous } = options;
  keepParserWarm();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const parser = new ConfParser(limits, previous);
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const long = findLongLine(plain, limits.lineLength);
  if (long === undefined) {
    const open = (): WholeText => new WholeText(plain);
    parser.enter({ path, quotable: true, mustBeComplete: false, open });
  } else {
    const { start, message } = long;
    parser.problems.add(path, { line: lineOf(plain, start), message });
  }
  for (;;) {
    const stop = parser.advance(Infinity);
    if (stop === 'done') break;
    if (typeof stop === 'object') {
      const message =
        'expected a text without .include, which only ConfMap.fromFile can follow';
      parser.problems.add(path, { line: stop.line, message });
    }
  }
  return finishLayout(parser, [], previous);
}

/**
 * The layout of a parser that has read everything, or the previous layout if
 * nobody could tell the two apart.
 * @throws ConfSyntaxError with all problems.
 */
export function finishLayout(
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
