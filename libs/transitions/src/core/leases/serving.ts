import type { Holdings } from '../model/topology.js';
import type { Clock } from '../time/clock.js';
import { nextTurn } from '../time/slices.js';
import type { HeldVolume, WaitingVolume } from './lease-books.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { LeaseLostError } from './lease-lost.error.js';
import { LeaseStoreNotFoundError } from './lease-store-not-found.error.js';
import type {
  LeaseListener,
  LeaseWork,
  LossReason,
  SessionState,
} from './lease-ports.js';

/** What transitions need of the leases of this process. */
export type Leases = Pick<
  LeaseKeeper,
  | 'start'
  | 'claim'
  | 'wait'
  | 'unwait'
  | 'release'
  | 'beginToEnd'
  | 'holds'
  | 'end'
  | 'waiting'
  | 'session'
  | 'isWell'
  | 'confirmStore'
>;

/** Makes the leases of a peer, once it is known which one this is. */
export type MakeLeases = (owner: string, listener: LeaseListener) => Leases;

/** What a coordinator is told. It must not throw. */
export interface ServingListener {
  /** Nobody may be let in from now on, and all participants are to be told. */
  lost(volumeNames: readonly string[], reason: LossReason): void;
  /** They were waited for, and can be served now. */
  free(volumeNames: readonly string[]): void;
  session(state: SessionState): void;
  /** See {@link LeaseListener.trouble}. */
  trouble(work: LeaseWork, error: unknown): void;
}

const nothing: ReadonlySet<string> = new Set();
const none: ReadonlyMap<string, HeldVolume> = new Map();
const claimedAtOnce = 8_000;

/**
 * The right of this process to serve volumes, as its transitions use it: claimed
 * before a volume is served, and released when nobody serves it any more. What is
 * another peer's is left out of a transition, and waited for.
 */
export class Serving {
  private leases: Leases | undefined;
  private readonly claimed = new Map<string, HeldVolume>();
  /** Wanted here, and not claimed: waited for, or free and to be claimed. */
  private readonly notOurs = new Set<string>();
  private readonly notes = new Map<string, string>();

  constructor(
    private readonly make: MakeLeases,
    private readonly listener: ServingListener,
    private readonly clock: Clock,
  ) {}

  /** Begins to open a session for a peer. Once is enough. */
  begin(owner: string): void {
    if (this.leases !== undefined) return;
    this.leases = this.make(owner, {
      lost: (names, reason) => this.lose(names, reason),
      free: (names) => this.listener.free(names),
      session: (state) => this.listener.session(state),
      trouble: (work, error) => this.listener.trouble(work, error),
    });
    this.leases.start();
  }

  /** The volumes that the configuration gives to this peer and that are not its own yet. */
  get absent(): ReadonlySet<string> {
    return this.notOurs;
  }

  /** Whether anything can be claimed at this moment. */
  get isOpen(): boolean {
    return this.leases?.session.state === 'open';
  }

  /** How it is with the session; undefined before it is known which peer this is. */
  get session(): SessionState | undefined {
    return this.leases?.session;
  }

  /** See {@link LeaseKeeper.isWell}. */
  get isWell(): boolean {
    return this.leases?.isWell === true;
  }

  /** See {@link LeaseKeeper.confirmStore}. */
  confirmStore(storeId: string): void {
    if (this.leases === undefined) throw new LeaseStoreNotFoundError(storeId);
    this.leases.confirmStore(storeId);
  }

  get waiting(): readonly WaitingVolume[] {
    return this.leases?.waiting ?? [];
  }

  /** Undefined where the volume is not ours at this very moment. */
  held(volumeName: string): HeldVolume | undefined {
    const held = this.claimed.get(volumeName);
    if (held === undefined) return undefined;
    return this.leases?.holds(volumeName) === held.token ? held : undefined;
  }

  /** Whether nobody has found yet that the volume is not ours. */
  isClaimed(volumeName: string): boolean {
    return this.claimed.has(volumeName);
  }

  /** @throws LeaseLostError where the volume is not ours at this very moment. */
  assertHeld(volumeName: string): void {
    if (this.held(volumeName) !== undefined) return;
    const token = this.claimed.get(volumeName)?.token;
    throw new LeaseLostError(volumeName, token);
  }

  /**
   * Claims volumes that nobody serves here at this moment. Resolves to those that
   * are not ours; they are waited for.
   */
  async claim(volumeNames: readonly string[]): Promise<ReadonlySet<string>> {
    if (this.leases === undefined || volumeNames.length === 0) return nothing;
    const others = new Set<string>();
    for (let from = 0; from < volumeNames.length; from += claimedAtOnce) {
      // So many that the store has enough to do, and so few that nothing waits.
      const some = volumeNames.slice(from, from + claimedAtOnce);
      // Without a session the rest waits at once, instead of one after the other.
      const isAsked = from === 0 || this.isOpen;
      const ours = isAsked ? await this.leases.claim(some) : none;
      if (!isAsked) this.leases.wait(some);
      for (const name of some) {
        const held = ours.get(name);
        if (held === undefined) {
          others.add(name);
          this.claimed.delete(name);
          this.notOurs.add(name);
        } else {
          this.claimed.set(name, held);
          this.notOurs.delete(name);
          // What was noted before it is served again is not news for anybody.
          this.notes.delete(name);
        }
      }
      await nextTurn(this.clock);
    }
    return others;
  }

  /** For whoever serves the volume next. */
  note(volumeName: string, note: string): void {
    this.notes.set(volumeName, note);
  }

  /** Whether `release` has anything to do. */
  isToRelease(volumeName: string): boolean {
    return this.claimed.has(volumeName) || this.notes.has(volumeName);
  }

  /** Nobody serves the volume here any more, and no callback about it is under way. */
  release(volumeName: string): void {
    const note = this.notes.get(volumeName) ?? '';
    this.notes.delete(volumeName);
    if (!this.claimed.delete(volumeName)) return;
    this.leases?.release(volumeName, note);
  }

  /** What a configuration gives to this peer is what is waited for, and nothing else. */
  waitFor({ volumes }: Holdings): void {
    const gone = [...this.notOurs].filter(
      (name) => volumes.get(name)?.served !== true,
    );
    for (const name of gone) this.notOurs.delete(name);
    this.leases?.unwait(gone);
  }

  /** These were lost and are still wanted. */
  wait(volumeNames: readonly string[]): void {
    for (const name of volumeNames) this.notOurs.add(name);
    this.leases?.wait(volumeNames);
  }

  /** These were lost, and nobody here will serve them again. */
  giveUp(volumeNames: readonly string[]): void {
    for (const name of volumeNames) this.notOurs.add(name);
  }

  /** See {@link LeaseKeeper.beginToEnd}. */
  beginToEnd(): void {
    this.leases?.beginToEnd();
  }

  /** In a Down, or after a boot that left nothing. What could not be released is kept. */
  async end(): Promise<void> {
    this.notOurs.clear();
    await this.leases?.end();
  }

  private lose(names: readonly string[], reason: LossReason): void {
    for (const name of names) this.claimed.delete(name);
    this.listener.lost(names, reason);
  }
}
