import type { ConfSection } from './section.js';

/** Sections that stand in a row in another list. */
interface Row {
  readonly from: number;
  to: number;
}

/** How many lists are put together at once: each is an argument of a call. */
const AT_ONCE = 1000;

/**
 * Collects sections in order. Those that stood in a row in the list before are not looked at one by one: all are
 * copied together in the end.
 */
export class SectionList {
  readonly #before: readonly ConfSection[];
  readonly #pieces: (Row | ConfSection[])[] = [];
  #length = 0;

  /** With the list before. */
  constructor(before: readonly ConfSection[]) {
    this.#before = before;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a section. */
  push(section: ConfSection): void {
    const last = this.#pieces.at(-1);
    if (Array.isArray(last)) last.push(section);
    else this.#pieces.push([section]);
    this.#length++;
  }

  /** Adds some sections of the list before. */
  pushRow(from: number, count: number): void {
    const last = this.#pieces.at(-1);
    const to = from + count;
    if (last !== undefined && 'to' in last && last.to === from) last.to = to;
    else this.#pieces.push({ from, to });
    this.#length += count;
  }

  /** All sections, as a list of their own. */
  toArray(): ConfSection[] {
    const lists = this.#pieces.map((piece) =>
      Array.isArray(piece) ? piece : this.#before.slice(piece.from, piece.to),
    );
    return joined(lists);
  }
}

function joined(lists: readonly ConfSection[][]): ConfSection[] {
  if (lists.length <= AT_ONCE) return ([] as ConfSection[]).concat(...lists);
  const longer: ConfSection[][] = [];
  for (let i = 0; i < lists.length; i += AT_ONCE) {
    longer.push(joined(lists.slice(i, i + AT_ONCE)));
  }
  return joined(longer);
}
