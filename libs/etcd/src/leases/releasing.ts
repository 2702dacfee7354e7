import { toBinary } from '@bufbuild/protobuf';
import type { Release } from 'nestjs-transitions/core';
import { TxnRequestSchema } from '../wire/etcd_pb.js';
import type { Claimant } from './claimant.js';
import type { LeaseKeys } from './lease-keys.js';
import { choice, hasRevision, isUnderLease, nested, put } from './requests.js';
import { noteValue, releasedValue } from './volume-record.js';

/**
 * Lets each of the volumes of a group go on its own, if it is still held by that
 * claim: so nothing of a session that is over.
 */
export function releaseGroup(
  keys: LeaseKeys,
  { owner, session, lease }: Claimant,
  releases: readonly Release[],
): Uint8Array {
  const isAlive = isUnderLease(keys.session(session), lease);
  const each = releases.map(({ volume, token, note }) => {
    const key = keys.volume(volume);
    const released = put(key, releasedValue(owner, token, note));
    const noted =
      note === '' ? [] : [put(keys.note(volume), noteValue(token, note))];
    return nested(choice([hasRevision(key, token)], [released, ...noted], []));
  });
  return toBinary(TxnRequestSchema, choice([isAlive], each, []));
}
