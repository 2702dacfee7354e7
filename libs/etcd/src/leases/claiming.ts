import type { Claim, LeaseHolder } from 'nestjs-transitions/core';
import type {
  KeyValue,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../wire/etcd_pb.js';
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

/** What one request says: a claim, or who stands in its way. */
export type Found =
  { readonly claim: Claim } | { readonly holder: LeaseHolder };

/**
 * Claims each of the volumes that nobody holds, each on its own, in one request:
 * what is held does not stand in the way of the rest. If the lease is gone, etcd
 * refuses the whole request.
 */
export function claimRequest(
  claimant: Claimant,
  volumes: readonly string[],
): TxnRequest {
  const { keys } = claimant;
  const puts = putsOf(claimant);
  const claims = volumes.map((volume) => {
    const key = keys.holder(volume);
    const claim = [get(keys.last(volume)), ...puts(volume)];
    return nested(choice(isMissing(key), claim, [get(key)]));
  });
  return allOf(claims);
}

/** Claims each of the volumes that the lease of the claimant holds already. */
export function claimAgainRequest(
  claimant: Claimant,
  volumes: readonly string[],
): TxnRequest {
  const { keys, lease } = claimant;
  const puts = putsOf(claimant);
  const claims = volumes.map((volume) => {
    const key = keys.holder(volume);
    const claim = [get(key), ...puts(volume)];
    const isOwn = isUnderLease(key, lease);
    return nested(choice(isOwn, claim, [get(key)]));
  });
  return allOf(claims);
}

/** What became of a claimRequest, in the order of the volumes. */
export function claimsMade(
  volumes: readonly string[],
  { header, responses }: TxnResponse,
): Found[] {
  return volumes.map((volume, index) => {
    const { succeeded, kv } = nestedFound(responses[index]);
    if (!succeeded) return { holder: holderOf(kv!) };
    const token = header!.revision;
    return { claim: { volume, token, predecessor: predecessorOf(kv) } };
  });
}

/**
 * What became of a claimAgainRequest. Undefined where nobody holds the volume
 * any more.
 */
export function claimsMadeAgain(
  volumes: readonly string[],
  { header, responses }: TxnResponse,
): (Found | undefined)[] {
  return volumes.map((volume, index) => {
    const { succeeded, kv } = nestedFound(responses[index]);
    if (kv === undefined) return undefined;
    const holder = holderOf(kv);
    if (!succeeded) return { holder };
    // This session itself, which has not released it.
    const { owner, token: before } = holder;
    const predecessor = {
      owner,
      token: before,
      end: 'expired',
      note: '',
    } as const;
    return { claim: { volume, token: header!.revision, predecessor } };
  });
}

function putsOf({
  keys,
  owner,
  lease,
}: Claimant): (volume: string) => RequestOp[] {
  const holder = holderValue(owner, lease);
  const claimed = claimedValue(owner);
  return (volume) => [
    put(keys.holder(volume), holder, lease),
    put(keys.last(volume), claimed),
  ];
}

function nestedFound(response: ResponseOp | undefined): {
  readonly succeeded: boolean;
  readonly kv: KeyValue | undefined;
} {
  const { succeeded, responses } = nestedAnswer(response)!;
  return { succeeded, kv: found(responses[0])[0] };
}
