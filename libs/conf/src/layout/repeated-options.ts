import { visitOptions } from '../grammar/option-lines.js';
import type { ProblemList } from '../problems/problem-list.js';
import type { PlacedLines } from './placed-stretch.js';

/**
 * Warns of the options of a section that occur twice in one file. That one file
 * overrides another is what includes are for.
 */
export function warnOfRepeats(
  section: string,
  places: readonly PlacedLines[],
  warnings: ProblemList,
): void {
  const seen = new Map<string, { path: string | undefined; line: number }>();
  for (const { text, start, end, path, firstLine } of places) {
    visitOptions(text, start, end, (option, _start, offset) => {
      const line = firstLine + offset;
      const first = seen.get(option);
      if (first && first.path === path && first.line !== line) {
        const message = `option ${option} of section [${section}] replaces the values of line ${first.line}; remove one of the two`;
        warnings.add(path, { line, section, option, message });
      }
      seen.set(option, { path, line });
    });
  }
}
