/**
 * The scope of a piece of work: everything that it starts, however
 * asynchronously (after awaits, in timers, in the handlers of a server). It is
 * how a reload is recognised that a callback of the running transition asks for.
 * Two ways to follow it: AsyncIdScope and AsyncStorageScope.
 */
export interface AsyncScope {
  /** Does the work that the scope starts with. */
  run<T>(work: () => T): T;
  /** Whether the code that runs now is in the scope. */
  readonly isHere: boolean;
  /** From now on nothing is in the scope. */
  end(): void;
}
