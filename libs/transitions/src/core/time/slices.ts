import type { Clock } from './clock.js';

/** How long work may hold the process, in milliseconds. */
export const sliceMs = 8;

/** Work that can be interrupted wherever it yields. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

// So many pieces may run unseen where one that was quick turns slow.
const mostBetweenLooks = 16;

/**
 * The time until the process is due its turn at other work, with few looks at
 * the clock: one before each piece of work where pieces take long, and up to 16
 * times fewer where they are quick.
 */
export class Slice {
  private end = 0;
  private lookedAt = 0;
  private pace = 0;

  constructor(private readonly clock: Clock) {
    this.begin();
  }

  /** Begins anew, after others had their turn. */
  begin(): void {
    this.forgetPace();
    this.lookedAt = this.clock.tick();
    this.end = this.lookedAt + sliceMs;
  }

  /** Work of another kind begins, of which nothing is known. */
  forgetPace(): void {
    this.pace = 0;
  }

  /** How many pieces of work may be done before the next look at the clock. */
  get piecesBetweenLooks(): number {
    return this.pace;
  }

  /** Looks at the clock, and returns the time in whole milliseconds. */
  look(): number {
    const now = this.clock.tick();
    // Pieces between which no millisecond passes need no closer look.
    const isQuick = now === this.lookedAt;
    const faster = Math.min(2 * this.pace, mostBetweenLooks);
    this.pace = isQuick ? Math.max(faster, 1) : 1;
    this.lookedAt = now;
    return now;
  }

  /** Whether the time is up, as of the last look. */
  get isOver(): boolean {
    return this.lookedAt >= this.end;
  }
}

/** Does the work at once. */
export function doAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does the work in slices, between which the process has its turn at other work. */
export async function doInSlices<T>(
  work: SlicedWork<T>,
  clock: Clock,
): Promise<T> {
  const slice = new Slice(clock);
  for (let untilLook = 1; ;) {
    const { done, value } = work.next();
    if (done) return value;
    if (--untilLook > 0) continue;
    slice.look();
    untilLook = slice.piecesBetweenLooks;
    if (!slice.isOver) continue;
    await new Promise<void>((resolve) => {
      clock.yieldTo(resolve);
    });
    slice.begin();
  }
}
