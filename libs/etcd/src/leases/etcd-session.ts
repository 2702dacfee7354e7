import { create } from '@bufbuild/protobuf';
import {
  maxNoteBytes,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseSession,
  type Predecessor,
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
import {
  claimRequest,
  claimsMade,
  historyRequest,
  type Claimant,
  type ClaimMade,
} from './claiming.js';
import { predecessorOf, sessionName } from './lease-keys.js';
import { storeIdIn, type LeaseStore } from './lease-store.js';
import { releaseRequest } from './releasing.js';
import { found } from './requests.js';

/** A lease of etcd, and the keys under it. */
export class EtcdSession implements LeaseSession {
  readonly id: string;
  private readonly claimant: Claimant;

  private constructor(
    private readonly store: LeaseStore,
    owner: string,
    private readonly lease: bigint,
    readonly storeId: string,
    readonly ttl: number,
  ) {
    this.id = sessionName(lease);
    this.claimant = { keys: store.keys, owner, lease };
  }

  /** @param seconds - the ttl to ask for; etcd may grant more */
  static async open(
    store: LeaseStore,
    owner: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<EtcdSession> {
    const storeId = await store.identify(signal);
    const lease = newLease();
    const request = create(LeaseGrantRequestSchema, {
      TTL: BigInt(seconds),
      ID: lease,
    });
    const { TTL } = await store.link.call(leaseGrant, request, signal);
    return new EtcdSession(store, owner, lease, storeId, Number(TTL) * 1000);
  }

  async renew(signal: AbortSignal): Promise<RenewedSession | undefined> {
    const request = create(LeaseKeepAliveRequestSchema, { ID: this.lease });
    const { header, TTL } = await this.store.link.call(
      leaseKeepAlive,
      request,
      signal,
    );
    // Of a lease that is gone etcd says 0, without an error.
    if (TTL <= 0n) return undefined;
    return {
      storeId: storeIdIn(header, this.storeId),
      ttl: Number(TTL) * 1000,
    };
  }

  async claim(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<readonly ClaimAnswer[]> {
    const bytes = ({ volume }: ClaimRequest): number =>
      300 + 9 * volume.length + 2 * this.claimant.owner.length;
    return eachBatch(
      batches(claims, ({ volume }) => volume, bytes),
      (batch) => this.claimBatch(batch, signal),
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
    const bytes = ({ volume, note }: Release): number =>
      200 +
      3 * volume.length +
      this.claimant.owner.length +
      Buffer.byteLength(note);
    const { keys, owner } = this.claimant;
    await eachBatch(
      batches(releases, ({ volume }) => volume, bytes),
      async (batch) => {
        const request = releaseRequest(keys, owner, batch);
        await this.store.transact(request, signal);
        return [];
      },
    );
  }

  async end(signal: AbortSignal): Promise<void> {
    const request = create(LeaseRevokeRequestSchema, { ID: this.lease });
    try {
      await this.store.link.call(leaseRevoke, request, signal);
    } catch (error) {
      const isGone =
        error instanceof EtcdError && error.code === status.notFound;
      if (!isGone) throw error;
    }
  }

  private async claimBatch(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<ClaimAnswer[]> {
    const request = claimRequest(this.claimant, claims);
    const made = claimsMade(claims, await this.store.transact(request, signal));
    const predecessors = await this.predecessorsOf(made, signal);
    return made.map(({ answer }) => {
      const predecessor = predecessors.get(answer.volume);
      return answer.token === undefined || predecessor === undefined
        ? answer
        : { ...answer, predecessor };
    });
  }

  /** Of what was claimed again, who had it before it was claimed first. */
  private async predecessorsOf(
    made: readonly ClaimMade[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Predecessor | undefined>> {
    const again = made.flatMap(({ answer: { volume }, since }) =>
      since === undefined ? [] : [{ volume, since }],
    );
    if (again.length === 0) return new Map();
    try {
      const request = historyRequest(this.claimant.keys, again);
      const { responses } = await this.store.transact(request, signal);
      return new Map(
        again.map(({ volume }, index) => [
          volume,
          predecessorOf(found(responses[index])[0]),
        ]),
      );
    } catch (error) {
      // If that is compacted, nobody is known.
      if (error instanceof EtcdError && error.code === status.outOfRange)
        return new Map();
      throw error;
    }
  }
}

/** Chosen here, so that a request that etcd gets twice makes one lease. */
function newLease(): bigint {
  const [random = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  const lease = BigInt.asUintN(63, random);
  return lease === 0n ? newLease() : lease;
}
