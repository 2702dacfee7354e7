import type { SectionSchemas } from '../configuration/section-schemas.js';
import type { Serving } from '../leases/serving.js';
import type { EventSink } from '../report/events.js';
import type { InForce } from '../state/in-force.js';
import type { RealState } from '../state/real-state.js';
import type { Clock } from '../time/clock.js';
import type { TransitionSettings } from './settings.js';

/** What the transitions of one process share. */
export interface Engine {
  readonly state: RealState;
  readonly inForce: InForce;
  readonly settings: TransitionSettings;
  readonly clock: Clock;
  readonly sink: EventSink;
  readonly schemas?: SectionSchemas | undefined;
  /** Undefined without leases. */
  readonly serving?: Serving | undefined;
}
