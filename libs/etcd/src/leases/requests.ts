import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  Compare_Result,
  Compare_Target,
  CompareSchema,
  DeleteRangeRequestSchema,
  KeyValueSchema,
  PutRequestSchema,
  RangeRequestSchema,
  RequestOpSchema,
  ResponseOpSchema,
  TxnRequestSchema,
  type Compare,
  type KeyValue,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from '../wire/etcd_pb.js';
import { decode } from '../wire/decode.js';

// The parts of which transactions are made, and those of which answers are.

/** Does all of it, in order. */
export function allOf(operations: RequestOp[]): TxnRequest {
  return create(TxnRequestSchema, { success: operations });
}

/** Does the first if all of it is so, and otherwise the second. */
export function choice(
  compare: Compare[],
  success: RequestOp[],
  failure: RequestOp[],
): TxnRequest {
  return create(TxnRequestSchema, { compare, success, failure });
}

/** A transaction in a transaction. What one decides, another one does not care about. */
export function nested(value: TxnRequest): RequestOp {
  return create(RequestOpSchema, { request: { case: 'requestTxn', value } });
}

export function get(key: Uint8Array): RequestOp {
  return range({ key });
}

/** A key as it was in a revision. If that is compacted, the whole request fails. */
export function getAsOf(key: Uint8Array, revision: bigint): RequestOp {
  return range({ key, revision });
}

/** From one key up to another, which is not among them. */
export function getAll(key: Uint8Array, rangeEnd: Uint8Array): RequestOp {
  return range({ key, rangeEnd });
}

function range(keys: MessageInitShape<typeof RangeRequestSchema>): RequestOp {
  const value = create(RangeRequestSchema, keys);
  return create(RequestOpSchema, { request: { case: 'requestRange', value } });
}

export function put(
  key: Uint8Array,
  content: Uint8Array,
  lease = 0n,
): RequestOp {
  return putting({ key, value: content, lease });
}

/** Answers with what was there before. */
export function replace(
  key: Uint8Array,
  content: Uint8Array,
  lease = 0n,
): RequestOp {
  return putting({ key, value: content, lease, prevKv: true });
}

function putting(init: MessageInitShape<typeof PutRequestSchema>): RequestOp {
  const value = create(PutRequestSchema, init);
  return create(RequestOpSchema, { request: { case: 'requestPut', value } });
}

export function remove(key: Uint8Array): RequestOp {
  const value = create(DeleteRangeRequestSchema, { key });
  return create(RequestOpSchema, {
    request: { case: 'requestDeleteRange', value },
  });
}

export function isMissing(key: Uint8Array): Compare {
  return create(CompareSchema, {
    result: Compare_Result.EQUAL,
    target: Compare_Target.CREATE,
    key,
    targetUnion: { case: 'createRevision', value: 0n },
  });
}

/** True only of a key that exists, as no lease has the number 0. */
export function isUnderLease(key: Uint8Array, lease: bigint): Compare {
  return create(CompareSchema, {
    result: Compare_Result.EQUAL,
    target: Compare_Target.LEASE,
    key,
    targetUnion: { case: 'lease', value: lease },
  });
}

export function hasRevision(key: Uint8Array, revision: bigint): Compare {
  return create(CompareSchema, {
    result: Compare_Result.EQUAL,
    target: Compare_Target.MOD,
    key,
    targetUnion: { case: 'modRevision', value: revision },
  });
}

// Answers are read where they are looked at, and only those.

/** The answer of a nested transaction. */
export function nestedAnswer(answer: Answer): TxnResponse | undefined {
  const response = read(answer);
  return response?.case === 'responseTxn' ? response.value : undefined;
}

/** What a `get` found, or a `replace` has replaced. */
export function found(answer: Answer): KeyValue | undefined {
  const response = read(answer);
  const kv =
    response?.case === 'responsePut'
      ? response.value.prevKv
      : kvsIn(response)[0];
  return kv === undefined ? undefined : decode(KeyValueSchema, kv);
}

/** What a `getAll` found: each is a KeyValue. */
export function foundMany(answer: Answer): readonly Uint8Array[] {
  return kvsIn(read(answer));
}

/** One of the responses of a TxnResponse. */
type Answer = Uint8Array | undefined;

function read(answer: Answer): ResponseOp['response'] | undefined {
  return answer && decode(ResponseOpSchema, answer).response;
}

function kvsIn(
  response: ResponseOp['response'] | undefined,
): readonly Uint8Array[] {
  return response?.case === 'responseRange' ? response.value.kvs : [];
}
