/** Tells whether code runs inside a transition. */
export interface ReentrancyGuard {
  run<T>(transition: () => Promise<T>): Promise<T>;
  isInside(): boolean;
  /** Runs work that belongs to no transition, nor to what asked for one: nothing of either is kept by what it leaves behind. */
  outside(work: () => void): void;
}

/**
 * A guard that guards nothing, and follows no promise: a reload that a callback
 * asks for and awaits is then a deadlock, until the callback's time is up.
 */
export const openGuard: ReentrancyGuard = {
  run: (transition) => transition(),
  isInside: () => false,
  outside: (work) => work(),
};
