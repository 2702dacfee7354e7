import { makeSection, type ConfSection } from '../sections/conf-section.js';
import { MadeContent } from '../sections/section-content.js';
import { checkWritable } from './writable.js';

/** Plain data of which a map can be made. */
export type ConfInput = Readonly<
  Record<string, Readonly<Record<string, string | readonly string[]>>>
>;

/**
 * Makes sections of plain data.
 * @throws ConfValueError for a name or a value that the format cannot write.
 */
export function sectionsOf(object: ConfInput): ConfSection[] {
  const sections: ConfSection[] = [];
  for (const [name, entries] of Object.entries(object)) {
    const options = new Map<string, readonly string[]>();
    for (const [option, given] of Object.entries(entries)) {
      const values = typeof given === 'string' ? [given] : [...given];
      checkWritable(name, option, values);
      options.set(option, Object.freeze(values));
    }
    if (options.size > 0) {
      sections.push(makeSection(name, new MadeContent(options)));
    }
  }
  return sections;
}
