import type { TransitionCallbacks } from '../core/model/callbacks.js';

/** Callbacks that write `name.callback` to a journal. */
export function journaling(
  journal: string[],
  name: string,
  callbacks: readonly (keyof TransitionCallbacks)[] = ['up', 'down'],
): TransitionCallbacks {
  return Object.fromEntries(
    callbacks.map((callback) => [
      callback,
      () => void journal.push(`${name}.${callback}`),
    ]),
  );
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
} {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
