/** When what failed is tried again. Times in milliseconds. */
export interface RetrySettings {
  /** Before the first attempt; twice as long before each further one. */
  readonly initial: number;
  /** The longest time between two attempts. */
  readonly max: number;
  /**
   * Every reload that was rolled back because a callback failed, those too whose
   * report somebody waits for.
   */
  readonly reloads: boolean;
}

/** How transitions are run, with every default filled in. Times in milliseconds. */
export interface TransitionSettings {
  /** How long a callback may take, and loading a configuration. */
  readonly callbackTimeout: number;
  /** How long a whole rollback may take. */
  readonly rollbackTimeout: number;
  /** How long a whole Down may take. */
  readonly shutdownTimeout: number;
  /** After how long a callback that still runs is warned of. */
  readonly slowCallbackWarning: number;
  /** What a failing volume does to the others. */
  readonly onFailure: 'rollback' | 'isolate';
  /** A reload that would unserve more volumes is rejected unless forced. */
  readonly maxUnserve: number;
  /**
   * Ready even while volumes are set aside: the others are served, and who asks
   * for those is refused. Never while anything is unknown or otherwise than the
   * configuration says.
   */
  readonly readyWhenPartial: boolean;
  /** When what failed is tried again; false: never. */
  readonly retry: RetrySettings | false;
}

/** The defaults of {@link TransitionSettings}. */
export const defaultSettings: TransitionSettings = {
  callbackTimeout: 60_000,
  rollbackTimeout: 60_000,
  // Below the 30 s that orchestrators grant between SIGTERM and SIGKILL.
  shutdownTimeout: 25_000,
  slowCallbackWarning: 10_000,
  onFailure: 'rollback',
  maxUnserve: Infinity,
  readyWhenPartial: false,
  retry: { initial: 1_000, max: 60_000, reloads: false },
};
