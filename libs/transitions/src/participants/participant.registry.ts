import type { TransitionCallbacks } from '../core/model/callbacks.js';
import type { ParticipantOptions } from '../core/model/participant.js';
import { ParticipantError } from './participant-error.js';
import { ParticipantExplorer } from './participant.explorer.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import {
  orderParticipants,
  type OrderedParticipants,
} from './participant-order.js';

/** All participants there are: those that were added, and those found among the providers. */
export class ParticipantRegistry {
  private readonly added: ParticipantCandidate[] = [];

  constructor(private readonly explorer: ParticipantExplorer) {}

  /** The same, before all that were added. */
  addFirst(...participant: Parameters<ParticipantRegistry['add']>): void {
    this.add(...participant);
    this.added.unshift(...this.added.splice(-1));
  }

  /** @throws ParticipantError for callbacks that are no object. */
  add(
    name: string,
    callbacks: TransitionCallbacks,
    options: ParticipantOptions = {},
  ): void {
    if (typeof callbacks !== 'object' || callbacks === null) {
      throw new ParticipantError([
        `participant ${name} is registered with ${String(callbacks)}; expected an object with callbacks`,
      ]);
    }
    this.added.push({
      name,
      callbacks,
      options,
      injects: [],
      dependsOnDestroyed: [],
    });
  }

  /**
   * All of them, each at its place: among equal orders those added come first.
   *
   * @throws ParticipantError when they cannot be run.
   */
  ordered(): OrderedParticipants {
    const registered = this.added.map(({ callbacks }) => callbacks);
    const found = this.explorer.explore(registered);
    const { participants, warnings } = orderParticipants([
      ...this.added,
      ...found.candidates,
    ]);
    return { participants, warnings: [...found.warnings, ...warnings] };
  }
}
