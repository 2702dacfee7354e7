import type { Target } from '../model/step.js';
import type { UnknownStep } from '../run/unknown-step.js';

/** The callbacks that ran out of time, until what they have done is taken over. */
export class UnknownSteps implements Iterable<UnknownStep> {
  private readonly steps = new Set<UnknownStep>();
  private readonly settled: UnknownStep[] = [];
  private readonly known: NonNullable<Target>[] = [];
  private count = 0;

  /** `onSettled` is called when one of them settles. */
  constructor(private readonly onSettled: () => void) {}

  [Symbol.iterator](): IterableIterator<UnknownStep> {
    return this.steps.values();
  }

  get isEmpty(): boolean {
    return this.steps.size === 0;
  }

  /** Whether what one of them has done is still to be taken over. */
  get hasSettled(): boolean {
    return this.settled.length > 0;
  }

  /** How many have settled and were taken over. */
  get settledLate(): number {
    return this.count;
  }

  add(step: UnknownStep): void {
    this.steps.add(step);
    void step.settled.then((settlement) => {
      if (!this.steps.has(step)) return;
      step.settlement = settlement;
      this.settled.push(step);
      this.onSettled();
    });
  }

  /** Those that have settled, in that order. They stay unknown until {@link end}. */
  takeSettled(): readonly UnknownStep[] {
    return this.settled.splice(0).filter((step) => this.steps.has(step));
  }

  /** What they have done was taken over. */
  end(taken: readonly UnknownStep[]): void {
    this.count += taken.length;
    for (const step of taken) this.forget(step);
  }

  /** Takes one as not done, whatever it does later. */
  forget(step: UnknownStep): void {
    this.steps.delete(step);
    if (step.target !== null) this.known.push(step.target);
  }

  /** The targets of which something has become known since this was asked last. */
  takeKnown(): readonly NonNullable<Target>[] {
    return this.known.splice(0);
  }
}
