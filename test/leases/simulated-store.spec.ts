import { setTimeout as wait } from 'node:timers/promises';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import {
  MemoryLeaseStore,
  memoryServingLeases,
  VirtualClock,
} from '@nestjs-transitions/testing';
import {
  LeaseStoreError,
  type ClaimAnswer,
  type LeaseChange,
  type LeaseListing,
  type LeaseSession,
  type Predecessor,
  type ServingLeases,
} from 'nestjs-transitions/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../simulation/chance.js';
import { SimulatedStore } from '../simulation/store.js';
import { Timeline } from '../simulation/timeline.js';
import { leaseKey } from './etcd-gateway.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { never } from './serving-leases.contract.js';

/** Of every session here, in milliseconds. */
const ttl = 2_000;

/** A store to which something is done. */
interface Store {
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
  /** An operator deletes the key. */
  remove(volume: string): Promise<void>;
  list(): Promise<LeaseListing>;
  /** The next change after a revision; undefined where the store refuses to tell. */
  changeAfter(revision: bigint): Promise<LeaseChange | undefined>;
  /** It forgets what was before the revision that it is at. */
  compact(): Promise<void>;
  pass(milliseconds: number): Promise<void>;
  /** It is killed, and is there again at once, with its data. */
  restart(): Promise<void>;
  standStill(milliseconds: number): Promise<void>;
}

/** The store that the simulation has. */
function simulated(): Store {
  const timeline = new Timeline(new Chance(1));
  const rules = { keepsTokens: false, replacesOwnKeys: false };
  const store = new SimulatedStore(timeline, {
    ttl,
    ...rules,
    releasesAnyToken: false,
  });
  const pass = (milliseconds: number): Promise<void> =>
    timeline.run(timeline.now + milliseconds);
  return {
    open: async (owner) => store.open(owner).id,
    renew: async (session) => store.renew(session) !== undefined,
    claim: async (session, volume, token) => {
      try {
        return store.claim(session, [{ volume, token }])[0];
      } catch {
        return undefined;
      }
    },
    release: async (_session, volume, token) =>
      store.release([{ volume, token, note: `of ${volume}` }]),
    end: async (session, how) =>
      how === 'at once' ? store.end(session) : store.endInOrder(session),
    remove: async (volume) => store.deleteKey(volume),
    list: async () => store.list(),
    changeAfter: async (revision) => {
      try {
        return store.changesAfter(revision)[0];
      } catch {
        return undefined;
      }
    },
    compact: async () => store.compact(),
    pass,
    restart: async () => {
      store.restart(1);
      await pass(1);
    },
    standStill: async (milliseconds) => {
      store.stop(milliseconds);
      await pass(milliseconds + 1);
    },
  };
}

/** What happens to a store beside what peers ask of it. */
type Operator = Pick<
  Store,
  'remove' | 'compact' | 'pass' | 'restart' | 'standStill'
>;

/** A store as the product asks it. */
class AskedStore implements Store {
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

  list(): Promise<LeaseListing> {
    return this.leases.list(never);
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

/** An etcd. */
function real(etcd: EtcdProcess, namespace: string): AskedStore {
  const { gateway, endpoint } = etcd;
  const options = { endpoints: [endpoint], namespace, ttl: ttl / 1_000 };
  return new AskedStore(etcdServingLeases(options), {
    remove: (name) => gateway.remove(leaseKey(namespace, name)),
    compact: () => gateway.compact(),
    pass: (milliseconds) => wait(milliseconds),
    restart: async () => {
      await etcd.die();
      await etcd.startAgain();
    },
    standStill: async (milliseconds) => {
      await etcd.pause();
      await wait(milliseconds);
      etcd.resume();
    },
  });
}

/** The store that tests of users have. */
function inMemory(): AskedStore {
  const clock = new VirtualClock();
  const store = new MemoryLeaseStore({ clock });
  return new AskedStore(memoryServingLeases({ store, ttl }), {
    remove: async (name) => store.remove(name),
    compact: async () => store.compact(),
    pass: (milliseconds) => clock.advance(milliseconds),
    restart: async () => store.restart(),
    standStill: async (milliseconds) => {
      await clock.advance(milliseconds);
      store.stall();
    },
  });
}

const volumes = ['photos', 'music'];
const owners = ['A', 'B'];
const who = fc.constantFrom(...owners);
const volume = fc.constantFrom(...volumes);
/** `now`: as the volume was claimed last, by whoever; `before`: the time before that. */
const token = fc.constantFrom('none', 'now', 'now', 'before');
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ what: fc.constant('claim'), who, volume, token }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('release'), who, volume, token }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('end', 'end in order'),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('remove'), volume }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('compact') }),
  },
);
type Step = Readonly<
  Partial<Record<'what' | 'who' | 'volume' | 'token', string>>
>;

/** What a store answered, with the names and numbers of one run in the place of its own. */
class Trace {
  readonly lines: string[] = [];
  private readonly sessions = new Map<string, string>();
  private readonly tokens: bigint[] = [];
  private readonly claimed = new Map<string, bigint[]>();
  private readonly claimedBy = new Map<bigint, string>();

  constructor(private readonly store: Store) {}

  async run(steps: readonly Step[]): Promise<readonly string[]> {
    for (const each of steps) {
      this.lines.push(`${JSON.stringify(each)}: ${await this.answerTo(each)}`);
      this.lines.push(await this.held());
    }
    return this.lines;
  }

  private async answerTo({ what, ...rest }: Step): Promise<string> {
    const of = rest.volume ?? '';
    const claims = this.claimed.get(of) ?? [];
    const known = rest.token === 'before' ? claims.at(-2) : claims.at(-1);
    if (what === 'remove') {
      await this.store.remove(of);
      return 'removed';
    }
    if (what === 'compact') {
      await this.store.compact();
      return 'compacted';
    }
    const session = await this.sessionOf(rest.who!);
    if (what === 'claim') {
      const given = rest.token === 'none' ? undefined : known;
      const answer = await this.store.claim(session, of, given);
      if (answer?.token !== undefined)
        this.claimedBy.set(answer.token, session);
      return this.answered(of, answer);
    }
    if (what === 'release') {
      // Nobody knows the token of another session.
      if (known === undefined || this.claimedBy.get(known) !== session)
        return 'nothing to release';
      await this.store.release(session, of, known);
      return 'released';
    }
    await this.store.end(session, what === 'end' ? 'at once' : 'in order');
    const late = await this.store.claim(session, volumes[0]!, undefined);
    const lives = await this.store.renew(session);
    this.sessions.delete(rest.who!);
    // Refused for its session, or for whoever holds the volume.
    const isClaimed = late?.token !== undefined;
    return `ended; claims: ${isClaimed}; lives: ${lives}`;
  }

  private async sessionOf(owner: string): Promise<string> {
    let session = this.sessions.get(owner);
    session ??= await this.store.open(owner);
    this.sessions.set(owner, session);
    return session;
  }

  private answered(of: string, answer: ClaimAnswer | undefined): string {
    if (answer === undefined) return 'refused';
    if (answer.token === undefined) {
      const { holder } = answer;
      return holder === undefined
        ? 'refused'
        : `refused: ${holder.owner} with ${this.numberOf(holder.token)}`;
    }
    if (answer.token <= (this.tokens.at(-1) ?? 0n))
      return 'a token that is old';
    this.tokens.push(answer.token);
    const claims = this.claimed.get(of) ?? [];
    this.claimed.set(of, [...claims, answer.token]);
    return `claimed with ${this.numberOf(answer.token)} after ${this.told(answer.predecessor)}`;
  }

  private told(predecessor: Predecessor | undefined): string {
    if (predecessor === undefined) return 'nobody';
    const { owner, end, note } = predecessor;
    return `${owner} ${end} ${this.numberOf(predecessor.token)} '${note}'`;
  }

  private async held(): Promise<string> {
    const { held } = await this.store.list();
    const names = new Map([...this.sessions].map(([a, b]) => [b, a]));
    return held
      .map(
        (each) => [each.volume, names.get(each.session), each.token] as const,
      )
      .map(([name, owner, last]) => `${name} ${owner} ${this.numberOf(last)}`)
      .sort()
      .join(', ');
  }

  private numberOf(given: bigint): number {
    return this.tokens.indexOf(given);
  }
}

describe.skipIf(!hasEtcd)('the simulated store, that of tests and etcd', () => {
  let etcd: EtcdProcess;
  let stores = 0;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
  });
  afterAll(() => etcd.stop());

  it('answer alike, whatever is claimed, released, ended and compacted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 30 }),
        async (steps) => {
          const store = real(etcd, `run-${++stores}`);
          try {
            const answers = await new Trace(store).run(steps);
            expect(await new Trace(simulated()).run(steps)).toEqual(answers);
            expect(await new Trace(inMemory()).run(steps)).toEqual(answers);
          } finally {
            await store.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  describe.concurrent.each(['simulated', 'in memory', 'etcd'])('%s', (kind) => {
    async function tried(
      body: (store: Store, session: string) => Promise<void>,
    ): Promise<void> {
      const own = kind === 'etcd' ? await EtcdProcess.start() : undefined;
      const asked = own && real(own, 'test');
      const store = asked ?? (kind === 'simulated' ? simulated() : inMemory());
      try {
        const session = await store.open('A');
        const answer = await store.claim(session, 'photos', undefined);
        expect(answer?.token).toBeDefined();
        await body(store, session);
      } finally {
        await asked?.close();
        await own?.stop();
      }
    }

    it('a restart gives each session its whole ttl again (F69)', () =>
      tried(async (store) => {
        await store.pass(0.7 * ttl);
        await store.restart();
        await store.pass(0.7 * ttl);
        const held = async (): Promise<number> =>
          (await store.list()).held.length;
        expect(await held()).toBe(1);
        for (let passed = 0; (await held()) > 0; passed += 100) {
          expect(passed).toBeLessThan(3 * ttl);
          await store.pass(100);
        }
      }));

    it('a store that stood still for a ttl has no session left (F70)', () =>
      tried(async (store, session) => {
        await store.standStill(1.5 * ttl);
        expect(await store.renew(session)).toBe(false);
        expect((await store.list()).held).toEqual([]);
      }));

    it('a session that is gone claims nothing (F63)', () =>
      tried(async (store, session) => {
        await store.end(session, 'at once');
        const answer = await store.claim(session, 'music', undefined);
        expect(answer?.token).toBeUndefined();
        expect((await store.list()).held).toEqual([]);
      }));

    it('what changed is told from the revision on to which the store is compacted, and refused from any before (F74)', () =>
      tried(async (store, session) => {
        const listings = [await store.list()];
        for (const each of ['music', 'films', 'letters']) {
          await store.claim(session, each, undefined);
          listings.push(await store.list());
          if (each === 'films') await store.compact();
        }
        const told = listings.map(async ({ revision }) => {
          // The last one has nothing after it.
          if (revision === listings.at(-1)!.revision) return 'nothing';
          return (await store.changeAfter(revision))?.volume;
        });
        // `films` is in the revision itself, which is kept.
        expect(await Promise.all(told)).toEqual([
          undefined,
          'films',
          'letters',
          'nothing',
        ]);
      }));

    it('who claims again does not hear of a predecessor whose revision is compacted (F74)', () =>
      tried(async (store, session) => {
        const held = (await store.list()).held[0]!;
        await store.release(session, 'photos', held.token);
        const first = await store.claim(session, 'photos', undefined);
        expect(first).toMatchObject({ predecessor: { owner: 'A' } });
        const again = await store.claim(session, 'photos', first?.token);
        expect(again).toMatchObject({ predecessor: { owner: 'A' } });
        await store.compact();
        const later = await store.claim(session, 'photos', again?.token);
        expect(later?.token).toBeDefined();
        expect(later).toMatchObject({ predecessor: undefined });
      }));
  });
});
