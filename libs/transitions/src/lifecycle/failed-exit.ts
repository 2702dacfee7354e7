/**
 * Makes the process end with exit code 1, however it ends from here on: by
 * itself, by the `process.exit(0)` of Nest's `useProcessExit`, or by the signal
 * that Nest sends once more when its hooks are through, of which the process
 * would die as if all had been well.
 */
export function failExit(signal: string | undefined): void {
  process.exitCode = 1;
  process.once('exit', () => {
    process.exitCode = 1;
  });
  if (signal === undefined) return;
  process.on(signal, () => {
    // While somebody else listens, another application still shuts down.
    if (process.listenerCount(signal) === 1) process.exit(1);
  });
}
