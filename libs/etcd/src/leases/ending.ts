import type { LostClaim } from 'nestjs-transitions/core';
import type { TxnRequest } from '../wire/etcd_pb.js';
import type { Claimant } from './claiming.js';
import { endedValue, expiredValue, sessionName } from './lease-keys.js';
import { allOf, choice, hasRevision, nested, put } from './requests.js';

/**
 * Days for which it is known that a session ended in order. What is claimed
 * later than that has expired: so these keys do not pile up.
 */
const daysKnown = 7;
export const secondsKnown = daysKnown * 24 * 60 * 60;

/** Says of claims that they were lost, unless somebody has claimed the volumes since. */
export function lostRequest(
  { keys, owner }: Claimant,
  lost: readonly LostClaim[],
): TxnRequest {
  return allOf(
    lost.map(({ volume, token }) => {
      const last = keys.last(volume);
      const expired = expiredValue(owner, token);
      return nested(
        choice([hasRevision(last, token)], [put(last, expired)], []),
      );
    }),
  );
}

/** Says that the session of the claimant has ended in order. @param lease - after which that is forgotten */
export function endedRequest(
  { keys, owner, lease: session }: Claimant,
  lease: bigint,
): TxnRequest {
  return allOf([
    put(keys.ended(sessionName(session)), endedValue(owner), lease),
  ]);
}
