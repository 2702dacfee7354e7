import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { parseEndpoints } from '../link/endpoints.js';
import { EtcdLink } from '../link/etcd-link.js';
import {
  InnerTxnResponseSchema,
  KeyValueSchema,
  RangeResponseSchema,
  ResponseOpSchema,
  TxnRequestSchema,
  type RequestOp,
  type ResponseOp,
} from '../wire/etcd_pb.js';
import { FormerSessions } from './former-sessions.js';
import { LeaseKeys } from './lease-keys.js';
import { LeaseStore } from './lease-store.js';

const never = new AbortController().signal;
const kv = toBinary(KeyValueSchema, create(KeyValueSchema, { lease: 7n }));

/** A store that has these keys, and notes which ones each request asks for. */
class AskedStore extends LeaseStore {
  readonly asked: string[][] = [];

  constructor(readonly there: Set<string>) {
    const endpoints = parseEndpoints(['127.0.0.1:1'], false);
    const options = { endpoints, tls: undefined, auth: undefined };
    super(new EtcdLink({ ...options, callTimeout: 1 }), new LeaseKeys('demo'));
  }

  override async transactGroups(groups: readonly Uint8Array[]) {
    const asked: string[] = [];
    const answers = groups.map((group) => {
      const { success } = fromBinary(TxnRequestSchema, group);
      const responses = success.map((each) => this.answer(each, asked));
      return create(InnerTxnResponseSchema, { responses });
    });
    this.asked.push(asked);
    return { revision: 1n, answers };
  }

  private answer({ request }: RequestOp, asked: string[]): Uint8Array {
    if (request.case === 'requestTxn') {
      const responses = request.value.success.map((each) =>
        this.answer(each, asked),
      );
      const value = create(InnerTxnResponseSchema, { responses });
      return bytesOf({ case: 'responseTxn', value });
    }
    if (request.case !== 'requestRange') throw new Error('not asked for');
    const key = new TextDecoder().decode(request.value.key);
    asked.push(key);
    const kvs = this.there.has(key) ? [kv] : [];
    return bytesOf({
      case: 'responseRange',
      value: create(RangeResponseSchema, { kvs }),
    });
  }
}

function bytesOf(response: ResponseOp['response']): Uint8Array {
  return toBinary(ResponseOpSchema, create(ResponseOpSchema, { response }));
}

it('are asked about once when they are over, however many volumes they had', async () => {
  const store = new AskedStore(new Set(['demo/ended/1a']));
  const former = new FormerSessions(store);
  for (let call = 0; call < 50; call++)
    await former.ask(Array<string>(500).fill('1a'), never);
  expect(store.asked).toEqual([['demo/leases/sessions/1a', 'demo/ended/1a']]);
  expect(former.endOf('1a')).toBe('released');
});

it('have expired where it is not written that they ended, and are asked about again while they live', async () => {
  const store = new AskedStore(new Set(['demo/leases/sessions/2b']));
  const former = new FormerSessions(store);
  const sessions = ['1a', '2b'];
  await former.ask(sessions, never);
  expect(sessions.map((each) => former.endOf(each))).toEqual([
    'expired',
    undefined,
  ]);
  store.there.clear();
  store.there.add('demo/ended/2b');
  await former.ask(sessions, never);
  expect(former.endOf('2b')).toBe('released');
  expect(store.asked[1]).toEqual(['demo/leases/sessions/2b', 'demo/ended/2b']);
});

it('that are doubted are asked about again, and it is still known how they ended', async () => {
  const store = new AskedStore(new Set(['demo/ended/1a']));
  const former = new FormerSessions(store);
  await former.ask(['1a'], never);
  expect(former.isOver('1a')).toBe(true);
  store.there.add('demo/leases/sessions/1a');
  former.doubt(['1a']);
  await former.ask(['1a'], never);
  expect(store.asked).toHaveLength(2);
  expect(former.isOver('1a')).toBe(false);
  expect(former.endOf('1a')).toBe('released');
  store.there.clear();
  await former.ask(['1a'], never);
  expect(former.isOver('1a')).toBe(true);
  expect(former.endOf('1a')).toBe('expired');
});

it('are not asked about where there are none', async () => {
  const store = new AskedStore(new Set());
  await new FormerSessions(store).ask([], never);
  expect(store.asked).toEqual([]);
});
