import type { HeldLease } from 'nestjs-transitions/core';
import { decodeMany } from '../wire/decode.js';
import { KeyValueSchema } from '../wire/etcd_pb.js';
import type { LeaseKeys } from './lease-keys.js';
import { noSession, RecordReader } from './volume-record.js';

/**
 * What is held, ordered by volume.
 *
 * @param leases - the keys of one moment, each a KeyValue: first sessions, then volumes
 */
export async function heldIn(
  leases: readonly Uint8Array[],
  keys: LeaseKeys,
): Promise<readonly HeldLease[]> {
  const sessions = new Set([noSession]);
  const records = new RecordReader();
  const held: HeldLease[] = [];
  await decodeMany(KeyValueSchema, leases, (kv) => {
    const { session, volume } = keys.nameOf(kv.key);
    if (session !== undefined) sessions.add(session);
    if (volume === undefined) return;
    const { holder } = records.read(kv);
    if (holder !== undefined && sessions.has(holder.session))
      held.push({ volume, ...holder });
  });
  // etcd orders by the bytes of UTF-8, which is nearly the same.
  held.sort((a, b) => (a.volume < b.volume ? -1 : 1));
  return held;
}
