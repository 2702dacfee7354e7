import type { CallbackName, TransitionCallbacks } from './callbacks.js';
import { noHoldings, type Holdings } from './topology.js';

/** What a participant asks for besides its callbacks. */
export interface ParticipantOptions {
  /**
   * Lower comes up first and goes down last. Equal ones: in the order of
   * registration. Default 0.
   */
  readonly order?: number;
  /** How many targets of one phase may run at once. Default 1. */
  readonly concurrency?: number;
  /**
   * Milliseconds a callback may take. Default: the module's `callbackTimeout`.
   */
  readonly timeout?: number;
  /**
   * `serveVolume` does not wait until the participant before it has served all
   * volumes: it is called for each volume as soon as that participant has
   * served it. Such a `serveVolume` returns at once and does not throw. Default
   * false.
   *
   * @internal
   */
  readonly keepsPace?: boolean;
}

/** A participant in its final place in the order. */
export interface Participant {
  readonly name: string;
  readonly order: number;
  readonly callbacks: TransitionCallbacks;
  readonly concurrency: number;
  readonly timeout: number | undefined;
  /** See {@link ParticipantOptions}. */
  readonly keepsPace?: boolean | undefined;
}

/** Whether a participant has a callback. */
export function implementsCallback(
  participant: Participant,
  callback: CallbackName,
): boolean {
  return typeof participant.callbacks[callback] === 'function';
}

/**
 * What has really happened at one participant. It advances with the callbacks
 * that returned, never ahead of them.
 */
export interface ParticipantState {
  /** `up` has returned and `down` has not been called. */
  readonly up: boolean;
  /**
   * It has seen `signaledStart` (or `up`), and `signaledFinish` is still to
   * come.
   */
  readonly awaitsFinish: boolean;
  /** Its last `signaledFinish` failed. */
  readonly finishFailed: boolean;
  /** The groups and volumes it was told of, and which of them it serves. */
  readonly held: Holdings;
  /**
   * Volumes that `volumeToBeUnserved` has announced and that are still served.
   */
  readonly leaving: ReadonlySet<string>;
}

const noVolumes: ReadonlySet<string> = new Set();

/** The state of a participant that has not come up. */
export const initialState: ParticipantState = {
  up: false,
  awaitsFinish: false,
  finishFailed: false,
  held: noHoldings,
  leaving: noVolumes,
};
