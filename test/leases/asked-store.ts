import {
  LeaseStoreError,
  type ClaimAnswer,
  type LeaseChange,
  type LeaseListing,
  type LeaseSession,
  type ServingLeases,
} from 'nestjs-transitions/core';
import { never } from './serving-leases.contract.js';

/** A store to which something is done. */
export interface Store {
  open(owner: string): Promise<string>;
  /** Whether the session lives. */
  renew(session: string): Promise<boolean>;
  /** Undefined: the session claims nothing. */
  claim(
    session: string,
    volume: string,
    token: bigint | undefined,
  ): Promise<ClaimAnswer | undefined>;
  release(session: string, volume: string, token: bigint): Promise<void>;
  end(session: string, how: 'at once' | 'in order'): Promise<void>;
  /** An operator deletes the record. */
  remove(volume: string): Promise<void>;
  /** An operator writes that the claim of a volume that is held has expired. */
  expire(volume: string): Promise<void>;
  /** A stranger writes the record. */
  overwrite(volume: string): Promise<void>;
  list(): Promise<LeaseListing>;
  /** All changes after a revision, to whoever follows them as they come. */
  follow(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly LeaseChange[]>;
  /** The next change after a revision; undefined where the store refuses to tell. */
  changeAfter(revision: bigint): Promise<LeaseChange | undefined>;
  /** It forgets what was before the revision that it is at. */
  compact(): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  /** It is killed, and is there again at once, with its data. */
  restart(): Promise<void>;
  standStill(milliseconds: number): Promise<void>;
}

/** What happens to a store beside what peers ask of it. */
export type Operator = Pick<
  Store,
  | 'remove'
  | 'expire'
  | 'overwrite'
  | 'compact'
  | 'pass'
  | 'restart'
  | 'standStill'
>;

/** A store as the product asks it. */
export class AskedStore implements Store {
  private readonly sessions = new Map<string, LeaseSession>();

  constructor(
    private readonly leases: ServingLeases,
    private readonly operator: Operator,
  ) {}

  async open(owner: string): Promise<string> {
    const session = await this.leases.openSession(owner, never);
    this.sessions.set(session.id, session);
    return session.id;
  }

  async renew(session: string): Promise<boolean> {
    return (await this.of(session).renew(never)) !== undefined;
  }

  async claim(
    session: string,
    volume: string,
    token: bigint | undefined,
  ): Promise<ClaimAnswer | undefined> {
    const claims = [{ volume, token }];
    const answers = await this.of(session)
      .claim(claims, never)
      .catch(() => []);
    return answers[0];
  }

  release(session: string, volume: string, token: bigint): Promise<void> {
    const note = `of ${volume}`;
    return this.of(session).release([{ volume, token, note }], never);
  }

  end(session: string, how: 'at once' | 'in order'): Promise<void> {
    return how === 'at once'
      ? this.of(session).end(never)
      : this.of(session).endInOrder(never);
  }

  remove(volume: string): Promise<void> {
    return this.operator.remove(volume);
  }

  expire(volume: string): Promise<void> {
    return this.operator.expire(volume);
  }

  overwrite(volume: string): Promise<void> {
    return this.operator.overwrite(volume);
  }

  list(): Promise<LeaseListing> {
    return this.leases.list(never);
  }

  follow(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncIterable<readonly LeaseChange[]> {
    return this.leases.changes(revision, signal);
  }

  async changeAfter(revision: bigint): Promise<LeaseChange | undefined> {
    try {
      for await (const [change] of this.leases.changes(revision, never))
        return change;
    } catch (thrown) {
      if (!(thrown instanceof LeaseStoreError)) throw thrown;
    }
    return undefined;
  }

  compact(): Promise<void> {
    return this.operator.compact();
  }

  pass(milliseconds: number): Promise<void> {
    return this.operator.pass(milliseconds);
  }

  restart(): Promise<void> {
    return this.operator.restart();
  }

  standStill(milliseconds: number): Promise<void> {
    return this.operator.standStill(milliseconds);
  }

  close(): Promise<void> {
    return this.leases.close();
  }

  private of(session: string): LeaseSession {
    return this.sessions.get(session)!;
  }
}
