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

function dumpSection(section: ConfSection): string {
  const names = section.options().sort(compare);
  const width = names.reduce((most, name) => Math.max(most, name.length), 0);
  const lines = names.map((name) =>
    dumpOption(name, section.get(name) ?? [], width),
  );
  return [`[${section.name}]`, ...lines, ''].join('\n');
}

function dumpOption(
  name: string,
  values: readonly string[],
  width: number,
): string {
  const written = values.map((value) => encodeValue(value) ?? value);
  // An option without a name is one only as long as no blank follows its colon
  // and no comma its values.
  if (name === '') return `:${written.join(' ')}`;
  const list = written.join(', ');
  return list === '' ? `${name}:` : `${`${name}:`.padEnd(width + 1)} ${list}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
