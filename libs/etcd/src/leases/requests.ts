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
  type InnerTxnResponse,
  type KeyValue,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
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
  const value = create(PutRequestSchema, { key, value: content, lease });
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

/** True also of a key that does not exist: no lease has the number 0. */
export function isUnderNoLease(key: Uint8Array): Compare {
  return isUnderLease(key, 0n);
}

export function isUnderLease(key: Uint8Array, lease: bigint): Compare {
  return create(CompareSchema, {
    result: Compare_Result.EQUAL,
    target: Compare_Target.LEASE,
    key,
    targetUnion: { case: 'lease', value: lease },
  });
}

/** Revision 0 is that of a key that does not exist. */
export function hasRevision(key: Uint8Array, revision: bigint): Compare {
  return create(CompareSchema, {
    result: Compare_Result.EQUAL,
    target: Compare_Target.MOD,
    key,
    targetUnion: { case: 'modRevision', value: revision },
  });
}

/** Writes a key if its revision is still this one: 0 if it does not exist. */
export function putOver(
  key: Uint8Array,
  revision: bigint,
  content: Uint8Array,
): RequestOp {
  return nested(choice([hasRevision(key, revision)], [put(key, content)], []));
}

// Answers are read where they are looked at, and only those.

/** The answer of a nested transaction. */
export function nestedAnswer(answer: Answer): InnerTxnResponse | undefined {
  const response = read(answer);
  return response?.case === 'responseTxn' ? response.value : undefined;
}

/** What a `get` found. */
export function found(answer: Answer): KeyValue | undefined {
  const kv = kvsIn(read(answer))[0];
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
