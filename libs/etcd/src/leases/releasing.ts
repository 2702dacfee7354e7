import type { Release } from 'nestjs-transitions/core';
import { isFull } from '../link/etcd-error.js';
import type { RequestOp, TxnRequest } from '../wire/etcd_pb.js';
import { releasedValue, type LeaseKeys } from './lease-keys.js';
import type { LeaseStore } from './lease-store.js';
import { allOf, choice, hasRevision, nested, put, remove } from './requests.js';

/**
 * Lets each of the volumes go on its own, in one request, if it is still held by
 * that claim. A full etcd takes no word about it, and later releases refuse the
 * whole request then. They still delete: so the volumes are let go of without
 * their notes, and have expired for whoever claims them while this session lasts.
 */
export async function releaseBatch(
  store: LeaseStore,
  owner: string,
  releases: readonly Release[],
  signal: AbortSignal,
): Promise<void> {
  const { keys } = store;
  const told = ({ volume, token, note }: Release): RequestOp[] => [
    put(keys.last(volume), releasedValue(owner, token, note)),
  ];
  try {
    await store.transact(releaseRequest(keys, releases, told), signal);
  } catch (error) {
    if (!isFull(error)) throw error;
    await store.transact(
      releaseRequest(keys, releases, () => []),
      signal,
    );
  }
}

/** @param told - what is written of a volume that is let go of */
function releaseRequest(
  keys: LeaseKeys,
  releases: readonly Release[],
  told: (release: Release) => RequestOp[],
): TxnRequest {
  const each = releases.map((release) => {
    const key = keys.holder(release.volume);
    return nested(
      choice(
        [hasRevision(key, release.token)],
        [remove(key), ...told(release)],
        [],
      ),
    );
  });
  return allOf(each);
}
