import { consistsOf, nameCharacter, sectionCharacter } from './characters.js';

/** Whether the format can write this as the name of a section. */
export function isSectionName(name: string): boolean {
  return consistsOf(name, sectionCharacter);
}

/**
 * Whether the format can write this as the name of an option. A line that
 * begins with a bracket is always a section header.
 */
export function isOptionName(name: string): boolean {
  const plain = name.endsWith('$') ? name.slice(0, -1) : name;
  return consistsOf(plain, nameCharacter) && !plain.startsWith('[');
}
