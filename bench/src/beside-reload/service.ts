import {
  computeDelta,
  computeTopology,
  type ConfMap,
  type TransitionOutcome,
} from 'nestjs-transitions';
import {
  expectDone,
  expectOutcome,
  makeCoordinator,
  requestOf,
} from '../coordination.js';
import type { Coordinator, TransitionSettings } from '../core.js';
import {
  Faults,
  faultyParticipants,
  participantCount,
  type Pace,
} from '../participants.js';
import type { Case } from '../rounds.js';

/** Two configurations, between which a service goes to and fro. */
export interface ConfMaps {
  readonly before: ConfMap;
  readonly after: ConfMap;
}

/** A service that is up, some of whose callbacks fail on demand. */
export class Service {
  private readonly faults = new Faults();
  readonly coordinator: Coordinator;

  private constructor(
    readonly confMaps: ConfMaps,
    pace: Pace,
    onFailure: TransitionSettings['onFailure'],
  ) {
    this.coordinator = makeCoordinator(
      faultyParticipants(participantCount, pace, this.faults),
      { onFailure },
    );
  }

  /** Up with the first of the two. */
  static async up(
    confMaps: ConfMaps,
    pace: Pace,
    onFailure: TransitionSettings['onFailure'] = 'rollback',
  ): Promise<Service> {
    const service = new Service(confMaps, pace, onFailure);
    expectDone(await service.coordinator.up(requestOf(confMaps.before)));
    return service;
  }

  /** How often serveVolume is called on the way from the first configuration to the second. */
  get serveCalls(): number {
    const { before, after } = this.confMaps;
    const delta = computeDelta(computeTopology(before), computeTopology(after));
    return delta.toServe.length * participantCount;
  }

  /** A reload in which nothing fails. */
  async reload(confMap: ConfMap): Promise<void> {
    expectDone(await this.coordinator.signaled(requestOf(confMap)));
  }

  /** A reload with the second configuration, in which some calls of serveVolume fail. */
  async reloadFailing(
    fails: (call: number) => boolean,
    expected: TransitionOutcome,
  ): Promise<void> {
    const request = requestOf(this.confMaps.after);
    this.faults.plan(fails);
    expectOutcome(await this.coordinator.signaled(request), expected);
    this.faults.clear();
  }

  /** From the first configuration to the second, and nothing fails. */
  reloading(): Case {
    const { before, after } = this.confMaps;
    return {
      name: 'reload',
      prepare: () => this.reload(before),
      run: () => this.reload(after),
    };
  }
}
