import type { Release } from 'nestjs-transitions/core';
import type { TxnRequest } from '../wire/etcd_pb.js';
import { releasedValue, type LeaseKeys } from './lease-keys.js';
import { allOf, choice, hasRevision, nested, put, remove } from './requests.js';

/** Lets each of the volumes go on its own, in one request, if it is still held by that claim. */
export function releaseRequest(
  keys: LeaseKeys,
  owner: string,
  releases: readonly Release[],
): TxnRequest {
  const each = releases.map(({ volume, token, note }) => {
    const key = keys.holder(volume);
    return nested(
      choice(
        [hasRevision(key, token)],
        [
          remove(key),
          put(keys.last(volume), releasedValue(owner, token, note)),
        ],
        [],
      ),
    );
  });
  return allOf(each);
}
