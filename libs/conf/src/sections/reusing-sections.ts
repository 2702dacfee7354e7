import { sameInOrder, type ConfSection } from './conf-section.js';
import type { SectionTable } from './section-table.js';
import type { SlicedWork } from './sliced-work.js';
import { textContentOf } from './text-content.js';

/** How many sections are compared between two yields. */
export const sectionsBetweenYields = 128;

/**
 * The known section if it says the same, and otherwise the one given. The known
 * one then refers to the lines of the one given, so that it does not keep its
 * old text in memory.
 */
export function reuseSection(
  section: ConfSection,
  known: ConfSection | undefined,
): ConfSection {
  if (known === undefined || known === section) return section;
  if (!sameInOrder(known, section)) return section;
  const lines = textContentOf(section);
  const content = textContentOf(known);
  if (lines === undefined) content?.leaveText();
  else content?.moveToLinesOf(lines);
  return known;
}

/**
 * A table that is like the one given, but has every section of the previous one
 * that says the same. Sections that the table shares with the one that it was
 * made from (`own.before`) it shares with `own.after` then, which has the same
 * sections at the same places. The table given itself if nothing is replaced.
 */
export function* reusingTable(
  table: SectionTable,
  own: { readonly before: SectionTable; readonly after: SectionTable },
  previous: SectionTable,
): SlicedWork<SectionTable> {
  const { before, after } = own;
  const base = table === before ? after : table;
  const isDerived = table !== before && before !== after;
  const sections = yield* replacing(base.sections, (section, place) => {
    if (section === previous.sections[place]) return section;
    const { name } = section;
    const isShared = isDerived && before.find(name) === section;
    const mine = isShared ? after.find(name)! : section;
    return reuseSection(mine, previous.find(name));
  });
  return sections === base.sections ? base : base.withSame(sections);
}

/** The very list given if all are replaced by themselves. */
function* replacing(
  sections: readonly ConfSection[],
  replace: (section: ConfSection, place: number) => ConfSection,
): SlicedWork<readonly ConfSection[]> {
  let replaced: ConfSection[] | undefined;
  // By index: in a generator, for-of leaves an object behind for each item.
  for (let at = 0; at < sections.length; at++) {
    if (at % sectionsBetweenYields === sectionsBetweenYields - 1) yield;
    const section = sections[at]!;
    const other = replace(section, at);
    if (other === section) continue;
    replaced ??= sections.slice();
    replaced[at] = other;
  }
  return replaced ?? sections;
}
