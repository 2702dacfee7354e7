import { create } from '@bufbuild/protobuf';
import {
  maxNoteBytes,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseSession,
  type Release,
  type RenewedSession,
} from 'nestjs-transitions/core';
import { EtcdError, status } from '../link/etcd-error.js';
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseRevokeRequestSchema,
} from '../wire/etcd_pb.js';
import { leaseGrant, leaseKeepAlive, leaseRevoke } from '../wire/methods.js';
import { batches, eachBatch } from './batches.js';
import type { Claimant } from './claimant.js';
import { Claiming } from './claiming.js';
import { groupsOf } from './groups.js';
import { toBytes } from './json-bytes.js';
import { sessionName } from './lease-keys.js';
import { storeIdIn, type LeaseStore } from './lease-store.js';
import { releaseGroup } from './releasing.js';
import { choice, isUnderLease, put, remove } from './requests.js';

/**
 * Days for which it is known that a session ended in order. What is claimed
 * later than that has expired: so these keys do not pile up.
 */
const daysKnown = 7;
const secondsKnown = daysKnown * 24 * 60 * 60;

/** A lease of etcd, and the key under it that says so. */
export class EtcdSession implements LeaseSession {
  readonly id: string;
  private readonly claiming: Claiming;

  private constructor(
    private readonly store: LeaseStore,
    private readonly claimant: Claimant,
    readonly storeId: string,
    readonly ttl: number,
  ) {
    this.id = claimant.session;
    this.claiming = new Claiming(store, claimant);
  }

  /** @param seconds - the ttl to ask for; etcd may grant more */
  static async open(
    store: LeaseStore,
    owner: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<EtcdSession> {
    await store.lookAgain(signal);
    const { lease, ttl } = await grantLease(store, seconds, signal);
    const session = sessionName(lease);
    const key = put(store.keys.session(session), toBytes({ owner }), lease);
    const storeId = await store.identify(signal, [key]);
    return new EtcdSession(store, { owner, lease, session }, storeId, ttl);
  }

  async renew(signal: AbortSignal): Promise<RenewedSession | undefined> {
    const request = create(LeaseKeepAliveRequestSchema, {
      ID: this.claimant.lease,
    });
    const { header, TTL } = await this.store.link.call(
      leaseKeepAlive,
      request,
      signal,
    );
    // Of a lease that is gone etcd says 0, without an error; and an operator may
    // have deleted the key alone.
    if (TTL <= 0n || this.claiming.isSessionOver) return undefined;
    return {
      storeId: storeIdIn(header, this.storeId),
      ttl: Number(TTL) * 1000,
    };
  }

  claim(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<readonly ClaimAnswer[]> {
    const bytes = ({ volume }: ClaimRequest): number =>
      300 + 6 * volume.length + 3 * this.claimant.owner.length;
    return eachBatch(
      batches(claims, ({ volume }) => volume, bytes),
      (batch) => this.claiming.claim(batch, signal),
    );
  }

  async release(
    releases: readonly Release[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const { volume, note } of releases) {
      const bytes = Buffer.byteLength(note);
      if (bytes > maxNoteBytes)
        throw new RangeError(
          `The note on volume ${volume} has ${bytes} bytes, and at most ${maxNoteBytes} are allowed`,
        );
    }
    const { store, claimant } = this;
    // JSON has a control character as six bytes.
    const bytes = ({ volume, note }: Release): number =>
      200 +
      9 * volume.length +
      3 * claimant.owner.length +
      Buffer.byteLength(JSON.stringify(note));
    await eachBatch(
      batches(releases, ({ volume }) => volume, bytes),
      async (batch) => {
        const groups = groupsOf(batch).map((group) =>
          releaseGroup(store.keys, claimant, group),
        );
        await store.transactGroups(groups, signal);
        return [];
      },
    );
  }

  async end(signal: AbortSignal): Promise<void> {
    const request = create(LeaseRevokeRequestSchema, {
      ID: this.claimant.lease,
    });
    try {
      await this.store.link.call(leaseRevoke, request, signal);
    } catch (error) {
      const isGone =
        error instanceof EtcdError && error.code === status.notFound;
      if (!isGone) throw error;
    }
  }

  async endInOrder(signal: AbortSignal): Promise<void> {
    try {
      await this.writeEnd(signal);
    } finally {
      await this.end(signal);
    }
  }

  /** All that it holds is free from then on. */
  private async writeEnd(signal: AbortSignal): Promise<void> {
    const { store, claimant } = this;
    const { keys } = store;
    const { owner, session, lease } = claimant;
    const own = keys.session(session);
    const known = await grantLease(store, secondsKnown, signal);
    const ended = put(keys.ended(session), toBytes({ owner }), known.lease);
    const isAlive = isUnderLease(own, lease);
    const request = choice([isAlive], [remove(own), ended], []);
    await store.transact(request, signal);
  }
}

/** @param seconds - to ask for; etcd may grant more */
async function grantLease(
  store: LeaseStore,
  seconds: number,
  signal: AbortSignal,
): Promise<{
  readonly lease: bigint;
  /** In milliseconds. */
  readonly ttl: number;
}> {
  const lease = newLease();
  const TTL = BigInt(seconds);
  const request = create(LeaseGrantRequestSchema, { TTL, ID: lease });
  const granted = await store.link.call(leaseGrant, request, signal);
  return { lease, ttl: Number(granted.TTL) * 1000 };
}

/** Chosen here, so that a request that etcd gets twice makes one lease. */
function newLease(): bigint {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  const lease = BigInt.asUintN(63, random);
  return lease === 0n ? newLease() : lease;
}
