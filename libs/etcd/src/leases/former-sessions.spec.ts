import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { parseEndpoints } from '../link/endpoints.js';
import { EtcdLink } from '../link/etcd-link.js';
import {
  KeyValueSchema,
  RangeResponseSchema,
  ResponseOpSchema,
  TxnResponseSchema,
  type TxnRequest,
  type TxnResponse,
} from '../wire/etcd_pb.js';
import { FormerSessions } from './former-sessions.js';
import { LeaseKeys, type LastClaim } from './lease-keys.js';
import { LeaseStore } from './lease-store.js';

const end = toBinary(
  KeyValueSchema,
  create(KeyValueSchema, { modRevision: 9n }),
);
const never = new AbortController().signal;

/** A store in which these sessions have ended in order. */
class AskedStore extends LeaseStore {
  /** The keys that each request has asked for. */
  readonly asked: string[][] = [];

  constructor(private readonly ended: readonly string[]) {
    const endpoints = parseEndpoints(['127.0.0.1:1'], false);
    const options = { endpoints, tls: undefined, auth: undefined };
    super(new EtcdLink({ ...options, callTimeout: 1 }), new LeaseKeys('demo'));
  }

  override async transact({ success }: TxnRequest): Promise<TxnResponse> {
    const keys = success.map(({ request }) =>
      request.case === 'requestRange'
        ? new TextDecoder().decode(request.value.key)
        : 'no key',
    );
    this.asked.push(keys);
    const ended = this.ended.map((session) => `demo/ended/${session}`);
    return create(TxnResponseSchema, {
      responses: keys.map((key) => {
        const value = create(RangeResponseSchema, {
          kvs: ended.includes(key) ? [end] : [],
        });
        const response = { case: 'responseRange' as const, value };
        const answer = create(ResponseOpSchema, { response });
        return toBinary(ResponseOpSchema, answer);
      }),
    });
  }
}

function claimOf(session: string | undefined): LastClaim {
  return {
    predecessor: { owner: 'A', token: 7n, end: 'expired', note: '' },
    session,
  };
}

it('asks once for a session, however many volumes it had and however often that is wanted', async () => {
  const store = new AskedStore(['1a']);
  const former = new FormerSessions(store);
  for (let call = 0; call < 50; call++) {
    const claims = Array.from({ length: 500 }, () => claimOf('1a'));
    await former.ask(claims, never);
  }
  expect(store.asked).toEqual([['demo/ended/1a']]);
  expect(former.predecessorIn(claimOf('1a'), 10n)?.end).toBe('released');
});

it('asks nothing where there was nobody, or it is known how that ended', async () => {
  const store = new AskedStore([]);
  const former = new FormerSessions(store);
  await former.ask([undefined, claimOf(undefined)], never);
  expect(store.asked).toEqual([]);
  expect(former.predecessorIn(undefined, 10n)).toBeUndefined();
  expect(former.predecessorIn(claimOf(undefined), 10n)?.end).toBe('expired');
});

it('asks again about a session that had not ended in order, and for several at once', async () => {
  const store = new AskedStore(['2b']);
  const former = new FormerSessions(store);
  const claims = ['1a', '2b', '1a'].map(claimOf);
  await former.ask(claims, never);
  await former.ask(claims, never);
  expect(store.asked).toEqual([
    ['demo/ended/1a', 'demo/ended/2b'],
    ['demo/ended/1a'],
  ]);
  const ends = claims.map((claim) => former.predecessorIn(claim, 10n)?.end);
  expect(ends).toEqual(['expired', 'released', 'expired']);
});

it('a session that ended in order after the next claim had lost the volume before', async () => {
  const former = new FormerSessions(new AskedStore(['1a']));
  await former.ask([claimOf('1a')], never);
  const ends = [8n, 9n, 10n].map(
    (next) => former.predecessorIn(claimOf('1a'), next)?.end,
  );
  expect(ends).toEqual(['expired', 'expired', 'released']);
});
