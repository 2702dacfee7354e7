import type { Engine } from '../transition/engine.js';
import { takingOverBeforehand } from '../transition/admission.js';
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
      /** Whether a transition runs, which takes over by itself what has settled. */
      readonly isBusy: () => boolean;
      /** All that has settled is taken over. */
      readonly done: () => void;
    },
  ) {}

  /** Whether anything is being taken over, or is still to be. */
  get isToDo(): boolean {
    return this.running !== undefined || this.engine.state.hasSettled;
  }

  /**
   * For a transition that begins, before it looks at what is held: resolves when
   * all that has settled by then is taken over.
   */
  async finish(): Promise<void> {
    await this.running;
    await doInSlices(takingOverBeforehand(this.engine), this.engine.clock);
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
