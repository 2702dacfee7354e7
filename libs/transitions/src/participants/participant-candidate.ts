import type { TransitionCallbacks } from '../core/model/callbacks.js';
import type { ParticipantReference } from './participant.decorator.js';

/** A participant that was found or registered, before it has its place. */
export interface ParticipantCandidate {
  readonly name: string;
  readonly callbacks: TransitionCallbacks;
  /** Undefined: after those it injects. */
  readonly order: number | undefined;
  readonly concurrency: number;
  readonly timeout: number | undefined;
  readonly keepsPace?: boolean | undefined;
  readonly after: readonly ParticipantReference[];
  /** The callbacks of the participants that it injects, directly or not. */
  readonly injects: readonly TransitionCallbacks[];
}
