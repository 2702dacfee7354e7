import type { ConfProblem } from './problem.js';

/** Collects problems up to a limit, and counts the rest. */
export class ProblemList {
  private readonly problems: ConfProblem[] = [];
  private added = 0;

  constructor(private readonly limit: number) {}

  /** How many problems were added, listed or not. */
  get count(): number {
    return this.added;
  }

  /** The problems. If there were too many, a last one says so. */
  get all(): readonly ConfProblem[] {
    const more = this.added - this.problems.length;
    if (more === 0) return Object.freeze([...this.problems]);
    const message = `and ${more} more; the option \`limits.problems\` is ${this.limit}`;
    return Object.freeze([...this.problems, Object.freeze({ message })]);
  }

  /** Adds a problem of a file. */
  add(path: string | undefined, problem: ConfProblem): void {
    this.added++;
    if (this.problems.length >= this.limit) return;
    const named = path === undefined ? problem : { path, ...problem };
    this.problems.push(Object.freeze(named));
  }
}
