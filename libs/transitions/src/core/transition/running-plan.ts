import type { Holdings } from '../model/topology.js';
import type { Execution } from '../run/execution.js';

/** A plan on its way. */
export class RunningPlan {
  private changedVolumes: ReadonlySet<string> | undefined;

  constructor(
    readonly execution: Execution,
    /** What each participant holds when all of it is done; less what turned out to be another peer's. */
    public wanted: readonly Holdings[],
  ) {}

  /** The volumes that it is to serve or to take away, as when that was asked first. */
  get changed(): ReadonlySet<string> {
    return (this.changedVolumes ??= new Set(
      (['unserveVolume', 'serveVolume', 'volumeLost'] as const).flatMap(
        (callback) => [...this.execution.namesIn(callback)],
      ),
    ));
  }
}
