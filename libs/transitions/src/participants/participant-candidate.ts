import type { TransitionCallbacks } from '../core/model/callbacks.js';
import type { TransitionParticipantOptions } from './participant.decorator.js';

/** A participant that was found or registered, before it has its place. */
export interface ParticipantCandidate {
  readonly name: string;
  readonly callbacks: TransitionCallbacks;
  /** As they were given; nothing has checked them. */
  readonly options: TransitionParticipantOptions;
  /** The callbacks of the participants that it injects, directly or not. */
  readonly injects: readonly TransitionCallbacks[];
  /** Classes with onModuleDestroy that it depends on, by name: see `destroyedBefore`. */
  readonly dependsOnDestroyed: readonly string[];
}
