import { Inject, Injectable } from '@nestjs/common';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import type { ParticipantOptions } from '../core/model/participant.js';
import { ParticipantExplorer } from './participant.explorer.js';
import type { ParticipantCandidate } from './participant-candidate.js';
import {
  orderParticipants,
  type OrderedParticipants,
} from './participant-order.js';

/** All participants there are: those that were added, and those found among the providers. */
@Injectable()
export class ParticipantRegistry {
  private readonly added: ParticipantCandidate[] = [];

  constructor(
    @Inject(ParticipantExplorer) private readonly explorer: ParticipantExplorer,
  ) {}

  add(
    name: string,
    callbacks: TransitionCallbacks,
    { order, concurrency = 1, timeout, keepsPace }: ParticipantOptions = {},
  ): void {
    this.added.push({
      name,
      callbacks,
      order,
      concurrency,
      timeout,
      keepsPace,
      after: [],
      injects: [],
    });
  }

  /**
   * All of them, each at its place: among equal orders those added come first.
   *
   * @throws ParticipantError when they cannot be run.
   */
  ordered(): OrderedParticipants {
    return orderParticipants([...this.added, ...this.explorer.explore()]);
  }
}
