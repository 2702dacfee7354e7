import type { HeldLease, LeaseListing } from 'nestjs-transitions/core';
import { decodeMany } from '../wire/decode.js';
import { KeyValueSchema } from '../wire/etcd_pb.js';
import { isThere, type LeaseKeys } from './lease-keys.js';
import { noSession, RecordReader } from './volume-record.js';

/**
 * The sessions that last, and what they hold, ordered by volume.
 *
 * @param leases - the keys of one moment, each a KeyValue: first sessions, then volumes
 */
export async function listedIn(
  leases: readonly Uint8Array[],
  keys: LeaseKeys,
): Promise<Pick<LeaseListing, 'sessions' | 'held'>> {
  const sessions = new Set<string>();
  const records = new RecordReader();
  const held: HeldLease[] = [];
  await decodeMany(KeyValueSchema, leases, (kv) => {
    const { session, volume } = keys.nameOf(kv.key);
    if (session !== undefined && isThere(kv)) sessions.add(session);
    if (volume === undefined) return;
    const { holder } = records.read(kv);
    if (holder === undefined) return;
    if (holder.session === noSession || sessions.has(holder.session))
      held.push({ volume, ...holder });
  });
  // etcd orders by the bytes of UTF-8, which is nearly the same.
  held.sort((a, b) => (a.volume < b.volume ? -1 : 1));
  return { sessions, held };
}
