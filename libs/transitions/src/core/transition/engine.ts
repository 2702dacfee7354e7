import type { Clock } from '../time/clock.js';
import type { EventSink } from './plan-runner.js';
import type { RealState } from '../state/real-state.js';
import type { TransitionSettings } from './settings.js';

/** What the transitions of one process share. */
export interface Engine {
  readonly state: RealState;
  readonly settings: TransitionSettings;
  readonly clock: Clock;
  readonly sink: EventSink;
}
