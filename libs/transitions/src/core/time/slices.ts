import type { Clock } from './clock.js';

/** How long work may hold the process at a time, in milliseconds. */
export const sliceMs = 8;

/** Work that can be interrupted where it yields. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

// If quick pieces turn slow, so many of them may run before anybody notices.
const mostBetweenLooks = 16;

/**
 * The time until the process should do other work. Where pieces of work are as
 * small as a callback, it is measured with few looks at the clock: one after each
 * piece that takes long, and up to 16 times fewer while they are quick.
 */
export class Slice {
  private end = 0;
  private lookedAt = 0;
  private pace = 0;

  constructor(private readonly clock: Clock) {
    this.begin();
  }

  /** Begins again, after other work had its turn. */
  begin(): void {
    this.forgetPace();
    this.lookedAt = this.clock.tick();
    this.end = this.lookedAt + sliceMs;
  }

  /** Work of another kind begins: nothing is known about its pace. */
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
    // No millisecond has passed since the last look, so the next may be later.
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

/** Resolves after the process has had a turn for other work. */
export function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.yieldTo(resolve);
  });
}

/** Does the work in one go. */
export function doAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/**
 * Does the work in slices. Between them, the process can do other work. Looks at the
 * clock after each yield: work that yields does so after a hundred records or so.
 */
export async function doInSlices<T>(
  work: SlicedWork<T>,
  clock: Clock,
): Promise<T> {
  const slice = new Slice(clock);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    slice.look();
    if (!slice.isOver) continue;
    await nextTurn(clock);
    slice.begin();
  }
}
