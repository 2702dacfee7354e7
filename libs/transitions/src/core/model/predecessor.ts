/** Who served a volume before, and how that ended. */
export interface Predecessor {
  readonly owner: string;
  readonly token: bigint;
  /** `released`: let go in order. `expired`: its session ended first, so it may have been cut off in the middle. */
  readonly end: 'released' | 'expired';
  /** What it left behind when it released the volume; '' where it left nothing. */
  readonly note: string;
}
