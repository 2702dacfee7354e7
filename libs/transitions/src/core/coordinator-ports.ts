import type { SectionSchemas } from './configuration/section-schemas.js';
import type { ReentrancyGuard } from './guard.js';
import type { MakeLeases } from './leases/serving.js';
import type { EventSink } from './report/events.js';
import type { Clock } from './time/clock.js';
import type { TransitionSettings } from './transition/settings.js';

/** What the coordinator needs from outside. */
export interface CoordinatorPorts {
  readonly settings: TransitionSettings;
  readonly clock: Clock;
  /** Randomness, from 0 to below 1: when what failed is tried again. */
  readonly random: () => number;
  /**
   * Lets nobody into a volume that has failed, at once. Default: there is no gate.
   */
  readonly shut?: (volumeName: string) => void;
  /** Lets requests into such a volume again that all have served all the time. */
  readonly reopen?: (volumeName: string) => void;
  readonly sink: EventSink;
  readonly guard: ReentrancyGuard;
  /** What is said about options of the application's own. */
  readonly schemas?: SectionSchemas;
  /** Default: without leases, what the configuration says may be served. */
  readonly leases?: MakeLeases | undefined;
}
