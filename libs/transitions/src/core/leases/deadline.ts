/** A moment on both clocks of the process, in milliseconds. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** What is used of a session's ttl, by the monotonic clock. */
const usable = 0.8;
/** The same, with the time that only the wall clock has counted. */
const usableWithSleep = 0.9;

/**
 * Until when a session is surely alive in the store, as far as this process can
 * know: 0.8 of the ttl, counted from the moment at which the last answered
 * renewal was *sent*. The store starts the ttl later than that, and clocks may
 * run at rates that differ by a tenth.
 *
 * A machine that sleeps stops its monotonic clock, so the wall clock must agree.
 * By how much it has moved further than the monotonic one counts as sleep; with
 * sleep, 0.9 of the ttl may pass. So a step forwards of a tenth of the ttl
 * changes nothing, and a larger one may end the session early. A step backwards
 * gains nothing: sleep is counted from the lowest difference seen since then.
 */
export class Deadline {
  private sent = -Infinity;
  private ttl = 0;
  /** The wall clock less the monotonic one: the least that was seen. */
  private leastOffset = Infinity;

  constructor(protected readonly now: () => Moment) {}

  /**
   * A renewal was answered. One that was sent before the last answered one
   * changes nothing.
   *
   * @param sent when it was sent
   * @param ttl as granted, in milliseconds
   */
  extend(sent: Moment, ttl: number): void {
    if (sent.monotonic < this.sent) return;
    this.sent = sent.monotonic;
    this.ttl = ttl;
    this.leastOffset = sent.wall - sent.monotonic;
  }

  /** How many milliseconds are left; none or less when it is over. */
  get left(): number {
    const { monotonic, wall } = this.now();
    const offset = wall - monotonic;
    this.leastOffset = Math.min(this.leastOffset, offset);
    const elapsed = monotonic - this.sent;
    const asleep = offset - this.leastOffset;
    return Math.min(
      usable * this.ttl - elapsed,
      usableWithSleep * this.ttl - elapsed - asleep,
    );
  }
}
