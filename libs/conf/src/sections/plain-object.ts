import type { ConfSection } from './conf-section.js';

/** The content of a configuration as plain data. */
export type ConfObject = Record<string, Record<string, string[]>>;

/** A copy of sections as plain data. */
export function objectOf(sections: readonly ConfSection[]): ConfObject {
  const optionsOf = (section: ConfSection): Record<string, string[]> =>
    Object.fromEntries(
      section
        .options()
        .map((option) => [option, [...(section.get(option) ?? [])]]),
    );
  return Object.fromEntries(
    sections.map((section) => [section.name, optionsOf(section)]),
  );
}
