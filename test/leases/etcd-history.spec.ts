import { etcdServingLeases } from '@nestjs-transitions/etcd';
import type {
  Claim,
  ClaimAnswer,
  LeaseSession,
  ServingLeases,
} from 'nestjs-transitions/core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseKey } from './etcd-gateway.js';
import { EtcdHistory, newestRevision } from './etcd-history.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { never } from './serving-leases.contract.js';

const volumes = ['photos', 'music', 'films'];
const volume = fc.constantFrom(...volumes);
/** `own`: the last claim that this peer was told of; `any`: the last one of anybody. */
const token = fc.constantFrom('none', 'none', 'own', 'any');

/** What a peer does. */
const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom('claim', 'claim', 'claim', 'claim and give up'),
      of: fc.array(fc.record({ volume, token }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('release'),
      of: fc.array(fc.record({ volume, token }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('end', 'end in order'),
      of: fc.constant([]),
    }),
  },
);
interface Act {
  readonly what: string;
  readonly of: readonly { readonly volume: string; readonly token: string }[];
}

/** What an operator does to a volume, or to the session of a peer. */
const hand = fc.record({
  what: fc.constantFrom(
    'delete',
    'expire',
    'overwrite',
    'revoke',
    'delete session',
    'overwrite session',
    'restore session',
  ),
  volume,
  peer: fc.nat(2),
});

/** Some peers, and an operator, who all do something at the same time. */
class Scene {
  readonly told: { readonly claim: Claim; readonly session: string }[] = [];
  private readonly handles: readonly ServingLeases[];
  private readonly sessions: LeaseSession[] = [];
  /** Those that have ended, the last one last. */
  private readonly former: string[] = [];

  constructor(
    private readonly etcd: EtcdProcess,
    private readonly namespace: string,
    peers: number,
  ) {
    const endpoints = [etcd.endpoint];
    // Each has a connection of its own.
    this.handles = Array.from({ length: peers }, () =>
      etcdServingLeases({ endpoints, namespace }),
    );
  }

  async open(): Promise<void> {
    await Promise.all(this.handles.map((_, peer) => this.openSession(peer)));
  }

  async play(peer: number, acts: readonly Act[]): Promise<void> {
    for (const each of acts) await this.act(peer, each);
  }

  /** Several calls of one peer are on their way at a time, as those of a boot are. */
  async playAtOnce(peer: number, acts: readonly Act[]): Promise<void> {
    await Promise.all(acts.map((each) => this.act(peer, each)));
  }

  async playByHand(
    hands: readonly {
      readonly what: string;
      readonly volume: string;
      readonly peer: number;
    }[],
  ): Promise<void> {
    const { gateway } = this.etcd;
    for (const { what, volume: of, peer } of hands) {
      const key = leaseKey(this.namespace, of);
      const { id } = this.sessions[peer % this.sessions.length]!;
      const sessionKey = `${this.namespace}/leases/sessions/${id}`;
      if (what === 'delete') await gateway.remove(key);
      else if (what === 'overwrite') await gateway.put(key, 'a stranger');
      else if (what === 'revoke')
        await gateway.revoke(id).catch(() => undefined);
      else if (what === 'delete session') await gateway.remove(sessionKey);
      else if (what === 'overwrite session')
        await gateway.put(sessionKey, '{}');
      else if (what === 'restore session') await this.restoreSession();
      else {
        const expired = (await gateway.get(key))?.mod_revision ?? '1';
        const value = { owner: 'by hand', expired };
        await gateway.put(key, JSON.stringify(value));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.handles.map((each) => each.close()));
  }

  /** One that ended is there again, as after a restore. */
  private async restoreSession(): Promise<void> {
    const session = this.former.at(-1);
    if (session === undefined) return;
    const key = `${this.namespace}/leases/sessions/${session}`;
    await this.etcd.gateway.bringBack(key, session);
  }

  private async act(peer: number, { what, of }: Act): Promise<void> {
    const session = this.sessions[peer]!;
    if (what === 'release') {
      const releases = of.map((each) => ({
        volume: each.volume,
        token: this.tokenOf(each, session) ?? 1n,
        note: `of ${session.id}`,
      }));
      // A peer has no token but those that it was told of.
      const own = releases.filter(({ token: given }) =>
        this.told.some(
          ({ claim, session: by }) =>
            claim.token === given && by === session.id,
        ),
      );
      await session.release(own, never);
    } else if (what === 'end') {
      await session.end(never);
      this.former.push(session.id);
      await this.openSession(peer);
    } else if (what === 'end in order') {
      await session.endInOrder(never);
      this.former.push(session.id);
      await this.openSession(peer);
    } else await this.claim(session, of, what !== 'claim');
  }

  private async claim(
    session: LeaseSession,
    of: Act['of'],
    isGivenUp: boolean,
  ): Promise<void> {
    const giveUp = new AbortController();
    const claims = of.map((each) => ({
      volume: each.volume,
      token: this.tokenOf(each, session),
    }));
    const asked = session.claim(claims, giveUp.signal);
    // What is on its way then may take effect or not.
    if (isGivenUp) setTimeout(() => giveUp.abort(), 3);
    // Given up, or the session is over.
    const answers: readonly ClaimAnswer[] = await asked.catch(() => []);
    for (const answer of answers) {
      if (answer.token !== undefined)
        this.told.push({ claim: answer, session: session.id });
    }
  }

  private tokenOf(
    { volume: of, token: which }: Act['of'][number],
    { id }: LeaseSession,
  ): bigint | undefined {
    if (which === 'none') return undefined;
    return this.told.findLast(
      ({ claim, session }) =>
        claim.volume === of && (which === 'any' || session === id),
    )?.claim.token;
  }

  private async openSession(peer: number): Promise<void> {
    this.sessions[peer] = await this.handles[peer]!.openSession(
      `peer ${peer}`,
      never,
    );
  }
}

const isLong = process.env['TRANSITIONS_TEST_LONG'] === '1';

describe.skipIf(!hasEtcd)('what etcd tells of all that was ever so', () => {
  let etcd: EtcdProcess;
  let scenes = 0;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
  });
  afterAll(() => etcd.stop());

  it(
    'is that a volume was claimed only when nobody had it, and only under a session that was there; and each claim says who had it before (I32, I33, I37)',
    async () => {
      const acts = fc.array(act, { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(
          fc.tuple(acts, acts, acts),
          fc.array(hand, { maxLength: 6 }),
          async ([one, two, three], hands) => {
            const { gateway } = etcd;
            const namespace = `history-${++scenes}`;
            const first = await newestRevision(gateway);
            const scene = new Scene(etcd, namespace, 3);
            try {
              await scene.open();
              await Promise.all([
                scene.play(0, one),
                scene.play(1, two),
                scene.playAtOnce(2, three),
                scene.playByHand(hands),
              ]);
            } finally {
              await scene.close();
            }
            const history = await EtcdHistory.read(gateway, namespace, first);
            expect(history.violations()).toEqual([]);
            for (const { claim, session } of scene.told) {
              expect(history.isWritten(claim, session)).toBe(true);
              const predecessor = history.predecessorOf(claim);
              expect(claim.predecessor).toEqual(predecessor);
            }
          },
        ),
        { numRuns: isLong ? 3_000 : 30 },
      );
    },
    isLong ? 3_600_000 : 60_000,
  );
});
