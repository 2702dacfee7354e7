import type { ConfMap } from '@nestjs-transitions/conf';
import type { TransitionsSnapshot } from 'nestjs-transitions/core';
import type { Absence } from './absence.js';
import type { ParticipantModel } from './participant-model.js';

/** What is seen while no transition runs, of a module that is up. */
export interface Seen {
  readonly snapshot: TransitionsSnapshot;
  /** Whether it says that it is ready. */
  readonly isReady: boolean;
  /** Whether it may be ready with something set aside. */
  readonly readyWhenPartial: boolean;
  readonly models: readonly ParticipantModel[];
  readonly inForce: ConfMap | undefined;
  /** The configuration in force before that. */
  readonly inForceBefore: ConfMap | undefined;
  /** What leases keep this peer from. */
  readonly absence: Absence;
  /** The participants whose last signaledFinish failed. */
  readonly finishFailed: ReadonlySet<string>;
  /** A volume has failed, and not all have let go of it. */
  readonly isFailing: boolean;
}
