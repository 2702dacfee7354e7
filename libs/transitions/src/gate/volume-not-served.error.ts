import { TransitionsError } from '../core/model/errors.js';

/**
 * Why a volume cannot be entered. `unknown`: the configuration has none of that
 * name. `elsewhere`: another peer serves it. `draining`: it is about to leave
 * this peer. `closed`: nobody serves it, or this peer does not yet.
 */
export type NotServedReason = 'unknown' | 'elsewhere' | 'draining' | 'closed';

/** A volume was entered that is not served here. */
export class VolumeNotServedError extends TransitionsError {
  readonly code = 'TRANSITIONS_VOLUME_NOT_SERVED';
  /** The same request may succeed here, or at another peer, in a moment. */
  readonly retryable: boolean;

  constructor(
    readonly volumeName: string,
    readonly reason: NotServedReason,
    /** The peer that serves it, where the configuration in force names one. */
    readonly peer?: string,
  ) {
    super(`Volume ${volumeName} ${explain(reason, peer)}`);
    this.retryable = reason === 'draining' || reason === 'closed';
  }
}

function explain(reason: NotServedReason, peer = ''): string {
  switch (reason) {
    case 'unknown':
      return 'is not known; expected a volume of the configuration in force';
    case 'elsewhere':
      return `is served by ${peer}`;
    case 'draining':
      return 'is about to leave this peer; try again in a moment';
    case 'closed':
      return 'is not served at the moment; try again in a moment';
  }
}

/** Requests inside a volume had to be aborted because they outlasted the drain timeout. */
export class DrainAbortedError extends TransitionsError {
  readonly code = 'TRANSITIONS_DRAIN_ABORTED';

  constructor(
    readonly volumeName: string,
    readonly inside: number,
    timeoutMs: number,
  ) {
    super(
      `Volume ${volumeName} is taken away: ${inside} inside had not left after ${timeoutMs} ms`,
    );
  }
}
