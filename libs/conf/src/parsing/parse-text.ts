import type { Layout } from '../layout/layout.js';
import { ConfSyntaxError } from '../problems/conf-error.js';
import { DEFAULT_LIMITS, type ConfLimits } from '../problems/conf-limits.js';
import { findLongLine, lineOf } from '../text/long-line.js';
import { WholeText } from '../text/whole-text.js';
import { ConfParser } from './conf-parser.js';
import type { ParserStop } from './parser-stop.js';
import { charactersBetweenLooks, TimeSlice } from './time-slice.js';
import { keepParserWarm } from './warm-parser.js';

/** How a text is parsed. */
export interface TextOptions {
  /** What messages call the text. */
  readonly path?: string;
  readonly previous: Layout | undefined;
  readonly limits?: Partial<ConfLimits>;
}

/** Parses one text without a pause. @throws ConfSyntaxError with all problems. */
export function parseText(text: string, options: TextOptions): Layout {
  const parser = parserOf(text, options);
  while (goOn(parser, Infinity, options.path) !== 'done');
  return finishLayout(parser, [], options.previous);
}

/**
 * Parses one text, and lets others have their turn every few milliseconds.
 * Rejects with a ConfSyntaxError with all problems, or with the reason of the
 * signal when it aborts.
 */
export async function parseTextInSlices(
  text: string,
  options: TextOptions & { readonly signal?: AbortSignal },
): Promise<Layout> {
  const { path, previous, signal } = options;
  signal?.throwIfAborted();
  const parser = parserOf(text, options);
  const slice = new TimeSlice(signal);
  while (goOn(parser, charactersBetweenLooks, path) !== 'done') {
    await slice.pause();
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

/** A parser that has entered the text, if that has no line that is too long. */
function parserOf(text: string, options: TextOptions): ConfParser {
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
  return parser;
}

function goOn(
  parser: ConfParser,
  budget: number,
  path: string | undefined,
): ParserStop {
  const stop = parser.advance(budget);
  if (typeof stop === 'object') {
    const message =
      'expected a text without .include, which only ConfMap.fromFile can follow';
    parser.problems.add(path, { line: stop.line, message });
  }
  return stop;
}
