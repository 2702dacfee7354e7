/** All that some work has begun, however asynchronous. */
export interface Trail {
  /** Does work that the trail begins with. */
  run<T>(work: () => T): T;
  /** Whether what runs now is on the trail. */
  readonly isHere: boolean;
  /** Nothing is on it any more. */
  end(): void;
}
