import type {
  LeaseWork,
  LossReason,
  SessionState,
} from '../leases/lease-ports.js';
import type { CallbackName } from '../model/callbacks.js';
import type { CallbackError, VolumeFailedError } from '../model/errors.js';
import type { DeltaCounts, TransitionReport } from './report.js';
import type { Step } from '../model/step.js';

/** Everything that can be observed of transitions, as it happens. */
export type TransitionEvent =
  | {
      /**
       * The first event of a transition; but of a reload that supersedes another
       * the participants were asked to validate before.
       */
      readonly type: 'transitionStarted';
      readonly id: number;
      readonly kind: TransitionReport['kind'];
      readonly reason: string;
    }
  | {
      /** The configuration has passed every check, and the steps begin. */
      readonly type: 'transitionPlanned';
      readonly id: number;
      readonly generation: number;
      readonly delta: DeltaCounts;
    }
  | ({ readonly type: 'stepStarted'; readonly id: number } & Step)
  | ({
      readonly type: 'stepEnded';
      readonly id: number;
      readonly error?: CallbackError;
    } & Step)
  | {
      /** A participant has finished a phase for all of its targets. */
      readonly type: 'phaseEnded';
      readonly id: number;
      readonly participant: string;
      readonly callback: CallbackName;
      /** How many calls were made, and how many of them failed. */
      readonly calls: number;
      readonly failed: number;
      /**
       * The first ten targets. Empty for a callback about the participant
       * itself.
       */
      readonly targets: readonly string[];
      readonly durationMs: number;
    }
  | ({
      readonly type: 'callbackSlow';
      readonly id: number;
      readonly elapsedMs: number;
    } & Step)
  | ({
      /** A callback that ran out of time has settled after all. */
      readonly type: 'callbackSettledLate';
      readonly error?: CallbackError;
    } & Step)
  | {
      readonly type: 'rollbackStarted';
      readonly id: number;
      readonly cause: Error;
    }
  | { readonly type: 'transitionEnded'; readonly report: TransitionReport }
  | {
      /** Volumes are not this process's any more: nobody gets in, and nothing may be written. */
      readonly type: 'leasesLost';
      readonly volumes: readonly string[];
      /**
       * `deadline`: the store did not confirm the session in time. `session`: it is
       * gone. `key`: what the store has of single volumes was deleted, or is
       * another's. `store`: it is another store, or has lost its data.
       */
      readonly reason: LossReason;
    }
  | {
      /** How it is with the session in the store of leases. */
      readonly type: 'leaseSession';
      readonly session: SessionState;
    }
  | {
      /**
       * Claims, releases or listings fail though the session is open, and are tried again.
       * `error` is what the first one met; undefined: they go through again.
       */
      readonly type: 'leaseTrouble';
      readonly work: LeaseWork;
      readonly error: unknown;
    }
  | {
      /** A volume broke while it was served: nobody gets in any more. */
      readonly type: 'volumeFailed';
      readonly volume: string;
      readonly error: VolumeFailedError;
    }
  | {
      /** What failed will be tried again. One event for all that fail together. */
      readonly type: 'retryScheduled';
      readonly groups: readonly string[];
      readonly volumes: readonly string[];
      /** The reason of a reload that was rolled back; absent if it is none. */
      readonly reload?: string;
      /** 1 for the first one. */
      readonly attempt: number;
      /** Milliseconds until then; later while something of it is unknown. */
      readonly delayMs: number;
    };

/** Where events go. A sink must not throw, so it guards its own listeners. */
export interface EventSink {
  emit(event: TransitionEvent): void;
  /**
   * Whether anybody wants an event for each single step; these are expensive.
   */
  wantsSteps(): boolean;
}
