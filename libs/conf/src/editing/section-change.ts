import type { ConfPosition } from '../problems/problem.js';
import {
  contentOf,
  makeSection,
  sameInOrder,
  type ConfSection,
} from '../sections/conf-section.js';
import { MadeContent } from '../sections/section-content.js';
import type { SectionPositions } from './option-positions.js';

/** A section that is edited. */
export class SectionChange {
  private options: Map<string, readonly string[]>;
  private ownPositions: Map<string, ConfPosition | undefined> | undefined;
  private readonly countBefore: number;
  /** Whether a map has the options and positions, so that they must not change. */
  private isShared = false;

  /** The section as it was, if there was one, and the positions it then had. */
  constructor(
    private readonly before: ConfSection | undefined,
    positions: SectionPositions | undefined,
  ) {
    this.options = before === undefined ? new Map() : contentOf(before).copy();
    this.countBefore = this.options.size;
    if (positions !== undefined) this.ownPositions = new Map(positions);
  }

  /**
   * The positions that are not those of the text; undefined where there are
   * none.
   */
  get positions(): SectionPositions | undefined {
    return this.ownPositions;
  }

  set(
    option: string,
    values: readonly string[],
    position: ConfPosition | undefined,
  ): void {
    this.unshare();
    const isFrozen = Object.isFrozen(values);
    this.options.set(option, isFrozen ? values : Object.freeze([...values]));
    // What no text has needs no word that it is not from there.
    if (position === undefined && this.before === undefined) {
      if (!this.ownPositions?.has(option)) return;
    }
    this.ownPositions ??= new Map();
    this.ownPositions.set(option, position);
  }

  delete(option: string): void {
    this.unshare();
    this.options.delete(option);
  }

  clear(): void {
    this.options = new Map();
  }

  /**
   * The section as it is now, which is the one before if it says the same;
   * undefined if no option is left.
   */
  make(name: string): ConfSection | undefined {
    const { before, options } = this;
    if (options.size === 0) return undefined;
    this.isShared = true;
    const after = makeSection(name, new MadeContent(options));
    if (before === undefined || options.size !== this.countBefore) return after;
    return sameInOrder(before, after) ? before : after;
  }

  private unshare(): void {
    if (!this.isShared) return;
    this.isShared = false;
    this.options = new Map(this.options);
    this.ownPositions &&= new Map(this.ownPositions);
  }
}
