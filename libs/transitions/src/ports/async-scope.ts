/**
 * The scope of a piece of work: everything that it starts, however
 * asynchronously (after awaits, in timers, in the handlers of a server). With
 * it, the module recognises a reload that a callback of the running transition
 * asks for. There are two ways to follow a scope: AsyncIdScope and
 * AsyncStorageScope.
 */
export interface AsyncScope {
  /** Runs the work with which the scope starts. */
  run<T>(work: () => T): T;
  /** Whether the code that runs now is in the scope. */
  readonly isHere: boolean;
  /** Ends the scope: from now on nothing is in it. */
  end(): void;
}
