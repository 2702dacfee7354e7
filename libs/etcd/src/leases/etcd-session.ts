import { create } from '@bufbuild/protobuf';
import {
  maxNoteBytes,
  type ClaimAnswer,
  type ClaimRequest,
  type LeaseSession,
  type LostClaim,
  type Release,
  type RenewedSession,
} from 'nestjs-transitions/core';
import { EtcdError, status } from '../link/etcd-error.js';
import {
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseRevokeRequestSchema,
  type TxnResponse,
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
import { endedRequest, lostRequest, secondsKnown } from './ending.js';
import { FreeClaims } from './free-claims.js';
import { FormerSessions } from './former-sessions.js';
import { lastClaimOf, sessionName, type LastClaim } from './lease-keys.js';
import { storeIdIn, type LeaseStore } from './lease-store.js';
import { releaseBatch } from './releasing.js';
import { found } from './requests.js';

/** A lease of etcd, and the keys under it. */
export class EtcdSession implements LeaseSession {
  readonly id: string;
  private readonly claimant: Claimant;
  private readonly freeClaims: FreeClaims;
  private readonly former: FormerSessions;

  private constructor(
    private readonly store: LeaseStore,
    owner: string,
    private readonly lease: bigint,
    readonly storeId: string,
    readonly ttl: number,
  ) {
    this.id = sessionName(lease);
    this.claimant = { keys: store.keys, owner, lease };
    this.freeClaims = new FreeClaims(this.claimant);
    this.former = new FormerSessions(store);
  }

  /** @param seconds - the ttl to ask for; etcd may grant more */
  static async open(
    store: LeaseStore,
    owner: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<EtcdSession> {
    const storeId = await store.identify(signal);
    const { lease, ttl } = await grantLease(store, seconds, signal);
    return new EtcdSession(store, owner, lease, storeId, ttl);
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
      340 + 9 * volume.length + 2 * this.claimant.owner.length;
    const made = await eachBatch(
      batches(claims, ({ volume }) => volume, bytes),
      (batch) => this.claimBatch(batch, signal),
    );
    const { former } = this;
    await former.ask(made.map(lastOf), signal);
    return made.map((claim) => {
      if (claim.token === undefined) return claim;
      const { volume, token, last, since = token } = claim;
      return { volume, token, predecessor: former.predecessorIn(last, since) };
    });
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
    await eachBatch(
      batches(releases, ({ volume }) => volume, bytes),
      async (batch) => {
        await releaseBatch(this.store, this.claimant.owner, batch, signal);
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

  async endInOrder(
    lost: readonly LostClaim[],
    signal: AbortSignal,
  ): Promise<void> {
    try {
      // Before anybody can claim what the session holds.
      await this.writeEnd(lost, signal);
    } finally {
      await this.end(signal);
    }
  }

  private async writeEnd(
    lost: readonly LostClaim[],
    signal: AbortSignal,
  ): Promise<void> {
    const { store, claimant } = this;
    const bytes = ({ volume }: LostClaim): number =>
      200 + 3 * volume.length + claimant.owner.length;
    await eachBatch(
      batches(lost, ({ volume }) => volume, bytes),
      async (batch) => {
        await store.transact(lostRequest(claimant, batch), signal);
        return [];
      },
    );
    const { lease } = await grantLease(store, secondsKnown, signal);
    await store.transact(endedRequest(claimant, lease), signal);
  }

  private async claimBatch(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<ClaimMade[]> {
    const made = claimsMade(claims, await this.send(claims, signal));
    const history = await this.historyOf(made, signal);
    if (history.size === 0) return made;
    return made.map((claim) =>
      claim.token !== undefined && history.has(claim.volume)
        ? { ...claim, last: history.get(claim.volume) }
        : claim,
    );
  }

  private send(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<TxnResponse> {
    const { store, claimant, freeClaims } = this;
    if (claims.some(({ token }) => token !== undefined))
      return store.transact(claimRequest(claimant, claims), signal);
    const volumes = claims.map(({ volume }) => volume);
    return store.transactEncoded(freeClaims.encode(volumes), signal);
  }

  /** Of what was claimed again, who had it before it was claimed first. */
  private async historyOf(
    made: readonly ClaimMade[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, LastClaim | undefined>> {
    const again = made.flatMap((claim) =>
      claim.token === undefined || claim.since === undefined
        ? []
        : [{ volume: claim.volume, since: claim.since }],
    );
    if (again.length === 0) return new Map();
    try {
      const request = historyRequest(this.claimant.keys, again);
      const { responses } = await this.store.transact(request, signal);
      return new Map(
        again.map(({ volume }, index) => [
          volume,
          lastClaimOf(found(responses[index])),
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

function lastOf(claim: ClaimMade): LastClaim | undefined {
  return claim.token === undefined ? undefined : claim.last;
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
