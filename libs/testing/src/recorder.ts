import type {
  CallbackName,
  TransitionCallbacks,
} from 'nestjs-transitions/core';
import { CallLog, lineOf, type AllCallbacks, type Call } from './call-log.js';

/** A participant that remembers its calls. It has every callback. */
export type RecordingParticipant = AllCallbacks;

/**
 * Records the calls of participants as lines, so that a test can compare the
 * whole order with one array.
 */
export class Recorder {
  readonly log = new CallLog();
  private taken = 0;

  /**
   * A participant whose calls are recorded. It has every callback; those that it
   * is not given do nothing.
   */
  participant(
    name: string,
    callbacks: TransitionCallbacks = {},
  ): RecordingParticipant {
    return this.log.watchAll(name, callbacks);
  }

  /** Every call so far. */
  get calls(): readonly Call[] {
    return this.log.calls;
  }

  /**
   * The calls since the last time, as lines such as
   * `store.volumeCreated(photos, local)`; without those left out.
   */
  take(options: { readonly without?: readonly CallbackName[] } = {}): string[] {
    const calls = this.calls.slice(this.taken);
    this.taken = this.calls.length;
    return calls
      .filter(({ callback }) => !options.without?.includes(callback))
      .map(lineOf);
  }
}

/** Begins a record. */
export function recorder(): Recorder {
  return new Recorder();
}
