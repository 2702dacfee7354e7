import type { ClaimAnswer, ClaimRequest } from 'nestjs-transitions/core';
import type { TxnRequest, TxnResponse } from '../wire/etcd_pb.js';
import {
  claimedValue,
  holderOf,
  holderValue,
  predecessorOf,
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
  const claimed = claimedValue(owner);
  return allOf(
    claims.map(({ volume, token }) => {
      const key = keys.holder(volume);
      const last = keys.last(volume);
      const puts = [put(key, holder, lease), put(last, claimed)];
      const other = [get(key)];
      return nested(
        token === undefined
          ? choice([isMissing(key)], [get(last), ...puts], other)
          : choice(
              [hasRevision(key, token), isUnderLease(key, lease)],
              [get(key), ...puts],
              other,
            ),
      );
    }),
  );
}

/** What became of a claim. */
export interface ClaimMade {
  readonly answer: ClaimAnswer;
  /**
   * Where a session claimed again: in which revision it claimed first. Who had
   * the volume before that is not in the answer.
   */
  readonly since: bigint | undefined;
}

/** What became of the claims, in their order. */
export function claimsMade(
  claims: readonly ClaimRequest[],
  { header, responses }: TxnResponse,
): ClaimMade[] {
  return claims.map(({ volume, token: before }, index) => {
    const { succeeded, responses: gets } = nestedAnswer(responses[index])!;
    const [kv] = found(gets[0]);
    if (!succeeded) {
      const holder = kv === undefined ? undefined : holderOf(kv);
      return { answer: { volume, token: undefined, holder }, since: undefined };
    }
    const token = header!.revision;
    if (before !== undefined) {
      const answer = { volume, token, predecessor: undefined };
      return { answer, since: kv!.createRevision };
    }
    const predecessor = predecessorOf(kv);
    return { answer: { volume, token, predecessor }, since: undefined };
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
