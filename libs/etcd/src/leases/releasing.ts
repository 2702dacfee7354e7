import type { Release } from 'nestjs-transitions/core';
import type { TxnRequest } from '../wire/etcd_pb.js';
import type { LeaseKeys } from './lease-keys.js';
import { allOf, choice, hasRevision, nested, put } from './requests.js';
import { noteValue, releasedValue } from './volume-record.js';

/** Lets each of the volumes go on its own, in one request, if it is still held by that claim. */
export function releaseRequest(
  keys: LeaseKeys,
  owner: string,
  releases: readonly Release[],
): TxnRequest {
  return allOf(
    releases.map(({ volume, token, note }) => {
      const key = keys.volume(volume);
      const released = put(key, releasedValue(owner, token, note));
      const noted =
        note === '' ? [] : [put(keys.note(volume), noteValue(token, note))];
      return nested(
        choice([hasRevision(key, token)], [released, ...noted], []),
      );
    }),
  );
}
