/**
 * Runs something with a signal that is aborted with one of the given ones, or
 * after so many milliseconds.
 */
export async function bounded<T>(
  signals: readonly AbortSignal[],
  milliseconds: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = ({ target }: { readonly target: unknown }): void =>
    controller.abort((target as AbortSignal).reason);
  const timer = setTimeout(
    () => controller.abort(new Error(`no answer within ${milliseconds} ms`)),
    milliseconds,
  );
  for (const signal of signals) {
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort({ target: signal });
  }
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', abort);
  }
}
