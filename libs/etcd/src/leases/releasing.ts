import type { Release } from 'nestjs-transitions/core';
import type { TxnRequest } from '../wire/etcd_pb.js';
import type { LeaseKeys } from './lease-keys.js';
import { allOf, putOver } from './requests.js';
import { releasedValue } from './volume-record.js';

/** Lets each of the volumes go on its own, in one request, if it is still held by that claim. */
export function releaseRequest(
  keys: LeaseKeys,
  owner: string,
  releases: readonly Release[],
): TxnRequest {
  return allOf(
    releases.map(({ volume, token, note }) => {
      const released = releasedValue(owner, token, note);
      return putOver(keys.volume(volume), token, released);
    }),
  );
}
