import type { Configuration } from '../configuration/configuration.js';
import type { Holdings } from '../model/topology.js';
import type { PlanBlock } from '../plan/plan.js';
import type { TransitionSettings } from './settings.js';
import type { TakenOver } from '../state/in-force.js';

/** A checked configuration on its way into force, with the plan that leads there. */
export interface ChangeOptions {
  readonly kind: 'up' | 'signaled';
  readonly to: Configuration;
  readonly from: Configuration | undefined;
  /** The plan's blocks, from the states as they are. */
  readonly blocks: readonly PlanBlock[];
  /** What each participant holds when all is done. */
  readonly wanted: readonly Holdings[];
  /** What a failing volume does to the others. */
  readonly onFailure: TransitionSettings['onFailure'];
  /**
   * Volumes that are set aside if they fail, whatever `onFailure` says: they were
   * set aside before, and must not keep all else from changing.
   */
  readonly isolated: ReadonlySet<string>;
  /** From reloads that it supersedes. */
  readonly takenOver?: TakenOver | undefined;
}
