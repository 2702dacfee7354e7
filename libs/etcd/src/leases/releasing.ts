import type { Release } from 'nestjs-transitions/core';
import type { TxnRequest } from '../wire/etcd_pb.js';
import type { Claimant } from './claimant.js';
import type { LeaseKeys } from './lease-keys.js';
import { choice, isUnderLease, putOver } from './requests.js';
import { releasedValue } from './volume-record.js';

/**
 * Lets each of the volumes go on its own, in one request, if it is still held by that
 * claim: so nothing of a session that is over.
 */
export function releaseRequest(
  keys: LeaseKeys,
  { owner, session, lease }: Claimant,
  releases: readonly Release[],
): TxnRequest {
  const isAlive = isUnderLease(keys.session(session), lease);
  const each = releases.map(({ volume, token, note }) => {
    const released = releasedValue(owner, token, note);
    return putOver(keys.volume(volume), token, released);
  });
  return choice([isAlive], each, []);
}
