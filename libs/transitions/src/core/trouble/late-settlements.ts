import type { Engine } from '../transition/engine.js';
import { releasingUnserved } from '../transition/claims.js';
import { doInSlices, nextTurn } from '../time/slices.js';

/**
 * Takes over what callbacks have done that settle after their time was up, while no
 * transition runs. That costs as much for one of them as for all, so those that
 * settle soon after each other are taken over together; and it is done in slices.
 */
export class LateSettlements {
  /** With leases: the volumes that they were about. */
  readonly touched = new Set<string>();
  private running: Promise<void> | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly ports: {
      /** Whether a transition runs, which takes over by itself what settles. */
      readonly isBusy: () => boolean;
      /** All that has settled is taken over. */
      readonly done: () => void;
    },
  ) {}

  /**
   * Settles when all is taken over; undefined where nothing is. A transition that
   * has begun waits for it before it looks at what is held.
   */
  get over(): Promise<void> | undefined {
    return this.running;
  }

  /** Something has settled. */
  begin(): void {
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    const { engine, ports } = this;
    const { state, clock } = engine;
    do {
      // What settles in this turn too comes along.
      await nextTurn(clock);
      if (ports.isBusy()) break;
      await doInSlices(state.settling(), clock);
      await this.release();
    } while (state.hasSettled);
    this.running = undefined;
    ports.done();
  }

  private async release(): Promise<void> {
    const { serving, state, clock } = this.engine;
    const names = [...this.touched];
    this.touched.clear();
    if (serving === undefined) return;
    await doInSlices(releasingUnserved(serving, names, state), clock);
  }
}
