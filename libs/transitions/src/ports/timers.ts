// The longest time that a timer of Node can wait (2^31 - 1 milliseconds, almost
// 25 days). A longer one would fire after a millisecond.
const longestTimer = 2 ** 31 - 1;

/** How a timer is started. */
export interface TimerOptions {
  /** Whether the process stays alive for it. Default true. */
  readonly keepsAlive?: boolean;
}

/**
 * Calls back once, after so many milliseconds, which may be months. With
 * Infinity it never does. Every timer of the module whose time somebody else
 * chooses is started here.
 *
 * @returns a function that cancels it
 */
export function startTimer(
  callback: () => void,
  milliseconds: number,
  { keepsAlive = true }: TimerOptions = {},
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (left: number): void => {
    const next = Math.min(left, longestTimer);
    timer = setTimeout(
      () => (left > next ? wait(left - next) : callback()),
      next,
    );
    if (!keepsAlive) timer.unref();
  };
  if (milliseconds !== Infinity) wait(milliseconds);
  return () => clearTimeout(timer);
}

/** Keeps the process alive, even if it has nothing to do, until the returned function is called. */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, longestTimer);
  return () => clearInterval(timer);
}
