import type { Predecessor } from '../model/predecessor.js';
import type {
  ClaimAnswer,
  HeldLease,
  LeaseHolder,
  Release,
} from './serving-leases.js';

/** A volume that is ours. */
export interface HeldVolume {
  readonly volume: string;
  /** The fencing token. */
  readonly token: bigint;
  readonly predecessor: Predecessor | undefined;
}

/** A volume that is wanted here and not ours yet. */
export interface WaitingVolume {
  readonly volume: string;
  /** Since when, by the wall clock, in milliseconds. */
  readonly since: number;
  /** Who has it; undefined where nobody is known, as when the store cannot be reached. */
  readonly holder: LeaseHolder | undefined;
}

interface Waiting extends WaitingVolume {
  /** With which token it was ours when it began to wait, and may still be. */
  readonly own: bigint | undefined;
}

interface Held extends HeldVolume {
  /** Since when it has waited to be given out. Until then nobody serves it. */
  waitingSince: number | undefined;
}

/**
 * What is known about each volume. It is in at most one of the three lists:
 * held, waiting, or being released. All that is held, or being released, is
 * under the session of this moment.
 */
export class LeaseBooks {
  private readonly held = new Map<string, Held>();
  private readonly waits = new Map<string, Waiting>();
  private readonly releases = new Map<string, Release>();
  /** The last token of each volume that was given out in this session. */
  private readonly lastGiven = new Map<string, bigint>();
  /** Sessions that ended since the last listing, and when. */
  private readonly ended = new Map<string, bigint>();

  tokenOf(volume: string): bigint | undefined {
    return this.held.get(volume)?.token;
  }

  isWaiting(volume: string): boolean {
    return this.waits.has(volume);
  }

  /** Whether it is ours, and to be given out. */
  isFree(volume: string): boolean {
    return this.held.get(volume)?.waitingSince !== undefined;
  }

  get heldVolumes(): readonly string[] {
    return [...this.held.keys()];
  }

  get isAnyHeld(): boolean {
    return this.held.size > 0;
  }

  /** All that is wanted and not given out, whether it is ours already or not. */
  get waiting(): readonly WaitingVolume[] {
    const waiting: WaitingVolume[] = [];
    for (const { volume, since, holder } of this.waits.values()) {
      waiting.push({ volume, since, holder });
    }
    for (const { volume, waitingSince: since } of this.held.values()) {
      if (since !== undefined) {
        waiting.push({ volume, since, holder: undefined });
      }
    }
    return waiting;
  }

  /** Whether anything is wanted that is not ours. */
  get isAnyWaiting(): boolean {
    return this.waits.size > 0;
  }

  /** Whether anything is still to be let go in the store. */
  get isReleasing(): boolean {
    return this.releases.size > 0;
  }

  /** What is to be let go in the store, the oldest first; so many at most. */
  firstReleases(count: number, which: 'all' | 'noted'): readonly Release[] {
    const first: Release[] = [];
    for (const release of this.releases.values()) {
      if (first.length >= count) break;
      if (which === 'all' || release.note !== '') first.push(release);
    }
    return first;
  }

  /**
   * Gives out a volume that was claimed for whoever waits. Undefined where it is
   * not held, or was given out before: then it takes another claim.
   */
  handOut(volume: string): HeldVolume | undefined {
    const held = this.held.get(volume);
    if (held?.waitingSince === undefined) return undefined;
    held.waitingSince = undefined;
    this.lastGiven.set(volume, held.token);
    return held;
  }

  /**
   * It is wanted, and not held with a token that may be used. A release of it
   * that is under way may still happen, and then misses the next claim.
   */
  wait(volume: string, since: number): void {
    const own =
      this.held.get(volume)?.token ?? this.releases.get(volume)?.token;
    this.held.delete(volume);
    this.releases.delete(volume);
    if (this.waits.has(volume)) return;
    this.waits.set(volume, { volume, since, holder: undefined, own });
  }

  /** It is not wanted any more. What is ours of it, and not given out, is released. */
  unwait(volume: string): void {
    const token = this.waits.get(volume)?.own;
    this.waits.delete(volume);
    if (token !== undefined) this.addRelease({ volume, token, note: '' });
    if (this.isFree(volume)) this.release(volume, '');
  }

  unwaitAll(): void {
    for (const volume of [...this.waits.keys(), ...this.held.keys()]) {
      this.unwait(volume);
    }
  }

  /** It is ours no more, and to be let go in the store. */
  release(volume: string, note: string): void {
    const held = this.held.get(volume);
    if (held === undefined) return;
    this.held.delete(volume);
    this.addRelease({ volume, token: held.token, note });
  }

  /** These were let go, unless somebody wants them again by now. */
  settle(releases: readonly Release[]): void {
    for (const release of releases) {
      if (this.releases.get(release.volume) !== release) continue;
      this.releases.delete(release.volume);
    }
  }

  /**
   * What the store said to a claim. A claim that nobody waits for any more is to
   * be released.
   */
  answer(answer: ClaimAnswer): void {
    const { volume } = answer;
    if (answer.token === undefined)
      return this.noteHolder(volume, answer.holder);
    const { token, predecessor } = answer;
    const waitingSince = this.waits.get(volume)?.since;
    this.held.set(volume, { volume, token, predecessor, waitingSince });
    if (!this.waits.delete(volume)) this.release(volume, '');
  }

  /** Who has what is waited for. Whoever had it before the one that is known is old news. */
  noteHolder(volume: string, holder: LeaseHolder | undefined): void {
    const waiting = this.waits.get(volume);
    if (waiting === undefined) return;
    const { token: known } = waiting.holder ?? {};
    const isOld = known !== undefined && holder && holder.token < known;
    if (isOld || holder?.token === known) return;
    this.waits.set(volume, { ...waiting, holder });
  }

  /**
   * A session has ended. An answer that was on its way may still name it as a
   * holder.
   *
   * @returns what waits for it
   */
  noteEnd(session: string, revision: bigint): readonly string[] {
    this.ended.set(session, revision);
    const free: string[] = [];
    for (const { volume, holder } of this.waits.values()) {
      if (holder?.session === session) free.push(volume);
    }
    return free;
  }

  /** The truth of a revision is listed: of what ended before it no answer tells any more. */
  forgetEnds(revision: bigint): void {
    for (const [session, end] of this.ended) {
      if (end <= revision) this.ended.delete(session);
    }
  }

  /** Whether nobody holds what this one is said to hold. */
  isGone(holder: LeaseHolder | undefined): boolean {
    return holder === undefined || this.ended.has(holder.session);
  }

  /**
   * The store has a record of our session that is in no list: a claim was granted
   * whose answer was lost. It is to be released. One that was given out before
   * is old news: it is gone, or its release is not our affair.
   */
  releaseStray({ volume, token }: HeldLease): void {
    if (this.held.has(volume) || this.waits.has(volume)) return;
    if (token <= (this.lastGiven.get(volume) ?? 0n)) return;
    this.addRelease({ volume, token, note: '' });
  }

  /**
   * Ours no more. Whether somebody must be told: what was not given out waits
   * again, and nobody has heard of it.
   */
  lose(volume: string): boolean {
    const held = this.held.get(volume);
    if (held === undefined) return false;
    this.held.delete(volume);
    const { waitingSince } = held;
    if (waitingSince !== undefined) this.wait(volume, waitingSince);
    return waitingSince === undefined;
  }

  /**
   * The session is over, and with it all that was under it.
   *
   * @returns whom to tell of: all that was given out
   */
  loseAll(): readonly string[] {
    this.releases.clear();
    this.lastGiven.clear();
    for (const [volume, wait] of this.waits) {
      this.waits.set(volume, { ...wait, holder: undefined, own: undefined });
    }
    return this.heldVolumes.filter((volume) => this.lose(volume));
  }

  private addRelease(release: Release): void {
    const known = this.releases.get(release.volume);
    if (known !== undefined && known.token >= release.token) return;
    this.releases.set(release.volume, release);
  }
}
