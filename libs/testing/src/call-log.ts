import type { ConfMap } from '@nestjs-transitions/conf';
import {
  callbackNames,
  type CallbackName,
  type TransitionCallbacks,
  type TransitionContext,
  type TransitionKind,
} from 'nestjs-transitions/core';

/** A call of a callback, from its beginning; its outcome comes later. */
export interface Call {
  readonly participant: string;
  readonly callback: CallbackName;
  /** The group or volume; undefined where the callback is about the participant itself. */
  readonly target: string | undefined;
  /** All names the callback was given, the target first. */
  readonly names: readonly string[];
  readonly confMap: ConfMap;
  readonly previous: ConfMap | undefined;
  readonly kind: TransitionKind;
  /** Of the transition. */
  readonly id: number;
  readonly generation: number;
  /** Of a serveVolume with leases; undefined otherwise. */
  readonly fencingToken: bigint | undefined;
  outcome: 'running' | 'done' | 'failed';
  /** What it threw. */
  error?: unknown;
}

/** Who is told of calls as they begin and end. */
export interface CallListener {
  began?(call: Call): void;
  ended?(call: Call): void;
}

/** The callbacks of a participant, every one of them. */
export type AllCallbacks = Required<TransitionCallbacks>;

/** Every call of the participants it watches, in the order in which they began. */
export class CallLog {
  readonly calls: Call[] = [];
  private readonly listeners: CallListener[] = [];

  listen(listener: CallListener): void {
    this.listeners.push(listener);
  }

  /**
   * A participant whose calls are logged. It has the callbacks that it is given
   * and lacks the others; where none are given at all it has every one, and they
   * do nothing.
   */
  watch(participant: string): AllCallbacks;
  watch(
    participant: string,
    callbacks: TransitionCallbacks | undefined,
  ): TransitionCallbacks;
  watch(
    participant: string,
    callbacks?: TransitionCallbacks,
  ): TransitionCallbacks {
    return callbacks === undefined
      ? this.watchAll(participant)
      : this.logged(participant, callbacks, callbacksOf(callbacks));
  }

  /** As {@link watch}, but with every callback: those that it lacks do nothing. */
  watchAll(
    participant: string,
    callbacks: TransitionCallbacks = {},
  ): AllCallbacks {
    return this.logged(participant, callbacks, callbackNames) as AllCallbacks;
  }

  private logged(
    participant: string,
    callbacks: TransitionCallbacks,
    names: Iterable<CallbackName>,
  ): TransitionCallbacks {
    const watched: Partial<Record<CallbackName, unknown>> = {};
    for (const callback of names) {
      watched[callback] = (...given: unknown[]): unknown => {
        const call = describeCall(participant, callback, given);
        const original = callbacks[callback] as
          ((...given: unknown[]) => unknown) | undefined;
        return this.log(call, () => original?.apply(callbacks, given));
      };
    }
    return watched as TransitionCallbacks;
  }

  private log(call: Call, run: () => unknown): unknown {
    this.calls.push(call);
    for (const listener of this.listeners) listener.began?.(call);
    let result: unknown;
    try {
      result = run();
    } catch (thrown) {
      this.end(call, 'failed', thrown);
      throw thrown;
    }
    if (!isThenable(result)) {
      this.end(call, 'done');
      return result;
    }
    return Promise.resolve(result).then(
      (value) => {
        this.end(call, 'done');
        return value;
      },
      (thrown: unknown) => {
        this.end(call, 'failed', thrown);
        throw thrown;
      },
    );
  }

  private end(call: Call, outcome: 'done' | 'failed', error?: unknown): void {
    call.outcome = outcome;
    if (outcome === 'failed') call.error = error;
    for (const listener of this.listeners) listener.ended?.(call);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'
  );
}

function describeCall(
  participant: string,
  callback: CallbackName,
  given: readonly unknown[],
): Call {
  const context = given.at(-1) as TransitionContext;
  const names = given.slice(1, -1) as string[];
  return {
    participant,
    callback,
    target: names[0],
    names,
    confMap: given[0] as ConfMap,
    previous: context.previous,
    kind: context.kind,
    id: context.id,
    generation: context.generation,
    fencingToken: callback === 'serveVolume' ? context.fencingToken : undefined,
    outcome: 'running',
  };
}

/** The names of the callbacks that a participant has. */
export function callbacksOf(
  callbacks: TransitionCallbacks,
): ReadonlySet<CallbackName> {
  return new Set(
    callbackNames.filter((name) => typeof callbacks[name] === 'function'),
  );
}

/** A call as one line: `store.volumeCreated(photos, local)`. */
export function lineOf({ participant, callback, names }: Call): string {
  const given = names.length === 0 ? '' : `(${names.join(', ')})`;
  return `${participant}.${callback}${given}`;
}
