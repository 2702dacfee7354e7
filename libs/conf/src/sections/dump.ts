import { encodeValue } from '../grammar/values.js';
import type { ConfSection } from './conf-section.js';

/**
 * Writes sections as a file that reads back as the same content, sorted by
 * section and option.
 */
export function dumpSections(sections: readonly ConfSection[]): string {
  return sections
    .toSorted((one, other) => compare(one.name, other.name))
    .map(dumpSection)
    .join('\n');
}

/**
 * Writes sections as a file that reads back as the same content, in the order in
 * which they are given, and piece by piece: a piece is a section, or a part of
 * one that has long lists.
 */
export function* dumpingSections(
  sections: readonly ConfSection[],
): Generator<string, void, undefined> {
  let separator = '';
  for (const section of sections) {
    for (const piece of dumpingSection(section, section.options())) {
      yield separator + piece;
      separator = '';
    }
    separator = '\n';
  }
}

function dumpSection(section: ConfSection): string {
  return [...dumpingSection(section, section.options().sort(compare))].join('');
}

const valuesInPiece = 1024;

function* dumpingSection(
  section: ConfSection,
  names: readonly string[],
): Generator<string, void, undefined> {
  const width = names.reduce((most, name) => Math.max(most, name.length), 0);
  let piece = `[${section.name}]\n`;
  for (const name of names) {
    const values = section.get(name) ?? [];
    // An option without a name is one only as long as no blank follows its colon
    // and no comma its values.
    const [blank, comma] = name === '' ? ['', ' '] : [' ', ', '];
    const isShort = name === '' || values.length === 0;
    piece += isShort ? `${name}:` : `${name}:`.padEnd(width + 1);
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      piece += `${at === 0 ? blank : comma}${encodeValue(value) ?? value}`;
      if ((at + 1) % valuesInPiece > 0) continue;
      yield piece;
      piece = '';
    }
    piece += '\n';
  }
  yield piece;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
