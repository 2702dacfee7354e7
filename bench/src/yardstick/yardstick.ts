import { summarize } from '../statistics.js';

const runsInARow = 5;

/**
 * The unit of all figures, Y: the milliseconds that {@link splitAndTrim} takes
 * for a text, as the median of five runs in a row. Their garbage is collected
 * when the engine decides to. Never make it faster: every figure ever recorded
 * is a multiple of it.
 */
export function yardstick(text: string): number {
  const times = Array.from({ length: runsInARow }, () => {
    const startedAt = performance.now();
    const sections = splitAndTrim(text);
    const milliseconds = performance.now() - startedAt;
    if (sections.size === 0) throw new Error('The text has no sections');
    return milliseconds;
  });
  return summarize(times).median;
}

/**
 * Plain JavaScript that splits and trims the text of a configuration into maps
 * of lists. It checks nothing.
 */
export function splitAndTrim(
  text: string,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const sections = new Map<string, Map<string, string[]>>();
  let section = new Map<string, string[]>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('[')) {
      section = new Map();
      sections.set(line.slice(1, -1), section);
      continue;
    }
    const colon = line.indexOf(':');
    const values = line.slice(colon + 1).split(',');
    section.set(
      line.slice(0, colon),
      values.map((value) => value.trim()),
    );
  }
  return sections;
}
