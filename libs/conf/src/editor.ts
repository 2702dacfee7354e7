import { ConfValueError } from './errors.js';
import { quote, type ConfPosition } from './problem.js';
import {
  makeSection,
  sameInOrder,
  type ConfSection,
  type Options,
} from './section.js';
import { SectionTable } from './section.table.js';
import { encodeValue, isOptionName, isSectionName } from './values.js';

/** The places of options that did not come from the text of the map itself; undefined for those a program made. */
export type Moves = ReadonlyMap<
  string,
  ReadonlyMap<string, ConfPosition | undefined>
>;

type MutableMoves = Map<string, Map<string, ConfPosition | undefined>>;

/** What a map is changed into. */
export interface Edited {
  readonly table: SectionTable;
  readonly moves: Moves;
}

/**
 * Collects changes to a map and makes a new map of them; the map it was made from stays as it is. Sections that it
 * does not change are shared, and options that it does not change keep their places.
 */
export class ConfMapEditor<Result> {
  readonly #table: SectionTable;
  readonly #moves: MutableMoves;
  readonly #changed = new Map<string, Map<string, readonly string[]>>();
  readonly #make: (edited: Edited) => Result;

  /** @internal Obtained from `ConfMap.edit`. */
  constructor(
    table: SectionTable,
    moves: Moves,
    make: (edited: Edited) => Result,
  ) {
    this.#table = table;
    this.#moves = new Map(moves as MutableMoves);
    this.#make = make;
  }

  /**
   * Gives an option its values, making the option and its section where they do not exist. A position, if given, is
   * what messages about the option will name: for an option that was moved from elsewhere.
   * @throws ConfValueError for a name or a value that the format cannot write.
   */
  set(
    section: string,
    option: string,
    values: readonly string[],
    position?: ConfPosition,
  ): this {
    checkWritable(section, option, values);
    this.#options(section).set(option, Object.freeze([...values]));
    this.#placesOf(section).set(option, position);
    return this;
  }

  /** Removes an option, or a section with all its options; one that does not exist is no mistake. */
  delete(section: string, option?: string): this {
    const options = this.#options(section);
    if (option === undefined) options.clear();
    else options.delete(option);
    return this;
  }

  /** Makes the new map. A section left without options is no part of it, since the format has no such sections. */
  build(): Result {
    const moves = copyMoves(this.#moves);
    const sections = this.#table.sections.slice();
    const gone = new Set<number>();
    const added: ConfSection[] = [];
    for (const [name, options] of this.#changed) {
      const at = this.#table.placeOf(name);
      if (at !== undefined && options.size > 0) {
        sections[at] = changed(sections[at]!, options);
      } else if (at !== undefined) {
        gone.add(at);
      } else if (options.size > 0) {
        added.push(makeSection(name, new Map(options)));
      }
    }
    if (gone.size + added.length === 0) {
      return this.#make({ table: this.#table.withSame(sections), moves });
    }
    const left = sections.filter((_, at) => !gone.has(at)).concat(added);
    return this.#make({ table: new SectionTable(left), moves });
  }

  #options(name: string): Map<string, readonly string[]> {
    let options = this.#changed.get(name);
    if (options === undefined) {
      const section = this.#table.find(name);
      options = new Map(
        section?.options().map((option) => [option, section.get(option) ?? []]),
      );
      this.#changed.set(name, options);
    }
    return options;
  }

  #placesOf(name: string): Map<string, ConfPosition | undefined> {
    const places = new Map(this.#moves.get(name));
    this.#moves.set(name, places);
    return places;
  }
}

function changed(before: ConfSection, options: Options): ConfSection {
  const after = makeSection(before.name, new Map(options));
  return sameInOrder(before, after) ? before : after;
}

function copyMoves(moves: MutableMoves): Moves {
  return new Map([...moves].map(([name, places]) => [name, new Map(places)]));
}

/** @throws ConfValueError for a name or a value that the format cannot write. */
export function checkWritable(
  section: string,
  option: string,
  values: readonly string[],
): void {
  const refuse = (what: string, text: string, expected: string): never => {
    const message = `expected ${what} ${expected}, got ${quote(text)}`;
    throw new ConfValueError('Cannot be written', [
      { section, option, message },
    ]);
  };
  if (!isSectionName(section)) {
    refuse('a section name', section, 'of letters, digits and _ - / : .');
  }
  if (!isOptionName(option)) {
    refuse('an option name', option, 'of letters, digits and _ * - / . [ ]');
  }
  const odd = values.find((value) => encodeValue(value) === undefined);
  if (odd !== undefined) {
    const signs = 'blank , _ = * - + / : . [ ] " { } \\';
    refuse('a value', odd, `of letters, digits and ${signs}`);
  }
}
