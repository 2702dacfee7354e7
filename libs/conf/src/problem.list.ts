import type { ConfProblem } from './problem.js';

/** Collects problems up to a limit, and counts the rest. */
export class ProblemList {
  readonly #limit: number;
  readonly #problems: ConfProblem[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many problems were added, listed or not. */
  get count(): number {
    return this.#count;
  }

  /** The problems, and where there were too many a last one that says so. */
  get all(): readonly ConfProblem[] {
    const more = this.#count - this.#problems.length;
    if (more === 0) return Object.freeze([...this.#problems]);
    const message = `and ${more} more; the limit \`problems\` is ${this.#limit}`;
    return Object.freeze([...this.#problems, Object.freeze({ message })]);
  }

  /** Adds a problem of a file. */
  add(path: string | undefined, problem: ConfProblem): void {
    this.#count++;
    if (this.#problems.length >= this.#limit) return;
    const named = path === undefined ? problem : { path, ...problem };
    this.#problems.push(Object.freeze(named));
  }
}
