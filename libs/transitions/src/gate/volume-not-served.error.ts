import { HttpException, HttpStatus } from '@nestjs/common';

/**
 * Why a volume cannot be entered. `unknown`: the configuration has none of that
 * name. `elsewhere`: another peer serves it. `draining`: it is about to leave
 * this peer. `closed`: nobody serves it, or this peer does not yet.
 */
export type NotServedReason = 'unknown' | 'elsewhere' | 'draining' | 'closed';

/**
 * A volume was entered that is not served here. As an HttpException it is
 * answered with 404 (unknown), 421 (elsewhere; the body names the peer) or 503
 * with Retry-After, wherever a request throws it.
 */
export class VolumeNotServedError extends HttpException {
  readonly code = 'TRANSITIONS_VOLUME_NOT_SERVED';
  /** The same request may succeed here, or at another peer, in a moment. */
  readonly retryable: boolean;

  constructor(
    readonly volumeName: string,
    readonly reason: NotServedReason,
    /** The peer that serves it, where the configuration in force names one. */
    readonly peer?: string,
  ) {
    const message = `Volume ${volumeName} ${explain(reason, peer)}`;
    super({ error: reason, message, ...(peer && { peer }) }, statusOf[reason]);
    this.retryable = reason === 'draining' || reason === 'closed';
  }
}

const statusOf: Readonly<Record<NotServedReason, HttpStatus>> = {
  unknown: HttpStatus.NOT_FOUND,
  elsewhere: HttpStatus.MISDIRECTED,
  draining: HttpStatus.SERVICE_UNAVAILABLE,
  closed: HttpStatus.SERVICE_UNAVAILABLE,
};

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
