import type { ConfProblem } from '../problems/problem.js';
import type { SectionTable } from '../sections/section-table.js';
import { OVERRIDES_PATH, type Override } from './overrides.js';

/**
 * Warns of overrides whose section or option differs only in upper and lower
 * case from one that exists: they make new ones instead of overriding it.
 */
export function warnOfCase(
  overrides: readonly Override[],
  table: SectionTable,
): ConfProblem[] {
  const names = new NamesByLowerCase(table);
  return overrides.flatMap(({ section, option }, i) => {
    const meantSection = names.section(section);
    const meantOption = names.option(meantSection, option);
    const given = `${section}.${option}`;
    const meant = `${meantSection}.${meantOption}`;
    if (given === meant) return [];
    const message = `the override of ${given} makes a new option; did you mean ${meant}?`;
    const problem = { path: OVERRIDES_PATH, line: i + 1, section, option };
    return [Object.freeze({ ...problem, message })];
  });
}

/** The existing names that differ only in case, or else the names given. */
class NamesByLowerCase {
  private sections: ReadonlyMap<string, string> | undefined;
  private readonly options = new Map<string, ReadonlyMap<string, string>>();

  constructor(private readonly table: SectionTable) {}

  section(name: string): string {
    if (this.table.find(name) !== undefined) return name;
    this.sections ??= byLowerCase(this.table.sections.map((each) => each.name));
    return this.sections.get(name.toLowerCase()) ?? name;
  }

  option(section: string, name: string): string {
    const found = this.table.find(section);
    if (found === undefined || found.get(name) !== undefined) return name;
    let options = this.options.get(section);
    if (options === undefined) {
      options = byLowerCase(found.options());
      this.options.set(section, options);
    }
    return options.get(name.toLowerCase()) ?? name;
  }
}

function byLowerCase(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}
