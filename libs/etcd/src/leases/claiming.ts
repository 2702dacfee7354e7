import type { ClaimRequest, LeaseHolder } from 'nestjs-transitions/core';
import type { TxnRequest, TxnResponse } from '../wire/etcd_pb.js';
import {
  claimedValue,
  holderOf,
  holderValue,
  lastClaimOf,
  type LastClaim,
  type LeaseKeys,
} from './lease-keys.js';
import {
  allOf,
  choice,
  found,
  get,
  getAsOf,
  hasRevision,
  isMissing,
  isUnderLease,
  nested,
  nestedAnswer,
  put,
  replace,
} from './requests.js';

/** Who claims. */
export interface Claimant {
  readonly keys: LeaseKeys;
  readonly owner: string;
  readonly lease: bigint;
}

/**
 * Claims each of the volumes on its own, in one request: what is held otherwise
 * than the claim says does not stand in the way of the rest. If the lease is
 * gone, etcd refuses the whole request.
 */
export function claimRequest(
  { keys, owner, lease }: Claimant,
  claims: readonly ClaimRequest[],
): TxnRequest {
  const holder = holderValue(owner, lease);
  const claimed = claimedValue(owner, lease);
  return allOf(
    claims.map(({ volume, token }) => {
      const key = keys.holder(volume);
      const last = keys.last(volume);
      const other = [get(key)];
      // What is looked at in the answer comes first.
      return nested(
        token === undefined
          ? choice(
              [isMissing(key)],
              [replace(last, claimed), put(key, holder, lease)],
              other,
            )
          : choice(
              [hasRevision(key, token), isUnderLease(key, lease)],
              [replace(key, holder, lease), put(last, claimed)],
              other,
            ),
      );
    }),
  );
}

/** What became of a claim. */
export type ClaimMade = Granted | Refused;

/** The volume is held with this token. */
export interface Granted {
  readonly volume: string;
  readonly token: bigint;
  readonly last: LastClaim | undefined;
  /**
   * Where a session claimed again: in which revision it claimed first. Who had
   * the volume before that is not in the answer.
   */
  readonly since: bigint | undefined;
}

/** It is not; `holder` is as in ClaimRefused. */
export interface Refused {
  readonly volume: string;
  readonly token: undefined;
  readonly holder: LeaseHolder | undefined;
}

/** What became of the claims, in their order. */
export function claimsMade(
  claims: readonly ClaimRequest[],
  { header, responses }: TxnResponse,
): ClaimMade[] {
  return claims.map(({ volume, token: before }, index) => {
    const { succeeded, responses: answers } = nestedAnswer(responses[index])!;
    const kv = found(answers[0]);
    if (!succeeded) {
      const holder = kv === undefined ? undefined : holderOf(kv);
      return { volume, token: undefined, holder };
    }
    const token = header!.revision;
    return before === undefined
      ? { volume, token, last: lastClaimOf(kv), since: undefined }
      : { volume, token, last: undefined, since: kv!.createRevision };
  });
}

/** Who had each volume before its key was made: what was written just before that. */
export function historyRequest(
  keys: LeaseKeys,
  volumes: readonly { readonly volume: string; readonly since: bigint }[],
): TxnRequest {
  return allOf(
    volumes.map(({ volume, since }) => getAsOf(keys.last(volume), since - 1n)),
  );
}
