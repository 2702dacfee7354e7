import type { KeyValue } from '../wire/etcd_pb.js';
import type { LeaseHolder, Predecessor } from 'nestjs-transitions/core';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The keys of a namespace:
 *
 *     <namespace>/store            the identity of the store, made once
 *     <namespace>/leases/<volume>  who holds the volume; gone with its session
 *     <namespace>/last/<volume>    who claimed it last, and whether it was released
 *     <namespace>/ended/<session>  it ended in order: what it claimed last and
 *                                  did not release itself was released with it
 */
export class LeaseKeys {
  readonly store: Uint8Array;
  /** All that is held: from here up to `heldEnd`, which is not in it. */
  readonly held: Uint8Array;
  readonly heldEnd: Uint8Array;
  private readonly heldPrefix: string;
  private readonly lastPrefix: string;
  private readonly endedPrefix: string;

  constructor(namespace: string) {
    this.heldPrefix = `${namespace}/leases/`;
    this.lastPrefix = `${namespace}/last/`;
    this.endedPrefix = `${namespace}/ended/`;
    this.store = encoder.encode(`${namespace}/store`);
    this.held = encoder.encode(this.heldPrefix);
    // The character after '/' is '0'.
    this.heldEnd = encoder.encode(`${namespace}/leases0`);
  }

  holder(volume: string): Uint8Array {
    return encoder.encode(this.heldPrefix + volume);
  }

  last(volume: string): Uint8Array {
    return encoder.encode(this.lastPrefix + volume);
  }

  ended(session: string): Uint8Array {
    return encoder.encode(this.endedPrefix + session);
  }

  /** The volume whose holder a key names. */
  volumeOf(key: Uint8Array): string {
    return decoder.decode(key.subarray(this.held.length));
  }
}

/** The name of a session is that of its lease in etcdctl. */
export function sessionName(lease: bigint): string {
  return lease.toString(16);
}

export function holderValue(owner: string, lease: bigint): Uint8Array {
  return toBytes({ owner, session: sessionName(lease) });
}

/** A key that somebody else wrote has an owner that says so. */
export function holderOf(kv: KeyValue): LeaseHolder {
  return new HolderReader().read(kv);
}

/** Reads holders, of which many in a row are the same session: what that has written is read once. */
export class HolderReader {
  private value: Uint8Array | undefined;
  private owner = '';
  private lease: bigint | undefined;
  private session = '';

  read({ value, lease, modRevision }: KeyValue): LeaseHolder {
    if (this.value === undefined || Buffer.compare(value, this.value) !== 0) {
      this.value = value;
      this.owner = ownerIn(value);
    }
    if (lease !== this.lease) {
      this.lease = lease;
      this.session = sessionName(lease);
    }
    const { owner, session } = this;
    return { owner, session, token: modRevision };
  }
}

function ownerIn(value: Uint8Array): string {
  const owner = fromBytes(value)?.['owner'];
  return typeof owner === 'string' ? owner : '(not written by a peer)';
}

/** It is written together with the key of the holder: the token is its revision. */
export function claimedValue(owner: string, lease: bigint): Uint8Array {
  return toBytes({ owner, session: sessionName(lease) });
}

export function releasedValue(
  owner: string,
  token: bigint,
  note: string,
): Uint8Array {
  return toBytes({ owner, released: String(token), note });
}

/** Of a claim that was lost, whatever becomes of its session. */
export function expiredValue(owner: string, token: bigint): Uint8Array {
  return toBytes({ owner, expired: String(token) });
}

export function endedValue(owner: string): Uint8Array {
  return toBytes({ owner });
}

/** What is known of who had a volume last. */
export interface LastClaim {
  readonly predecessor: Predecessor;
  /** If it ended in order, it released the volume then. Undefined where that is known, or nothing would be. */
  readonly session: string | undefined;
}

/** Undefined if nobody had the volume, or nobody can tell who. */
export function lastClaimOf(last: KeyValue | undefined): LastClaim | undefined {
  if (last === undefined) return undefined;
  const { owner, session, released, expired, note } =
    fromBytes(last.value) ?? {};
  if (typeof owner !== 'string') return undefined;
  const releasedToken = tokenIn(released);
  if (releasedToken !== undefined) {
    const token = releasedToken;
    const left = typeof note === 'string' ? note : '';
    const predecessor = { owner, token, end: 'released', note: left } as const;
    return { predecessor, session: undefined };
  }
  const token = tokenIn(expired) ?? last.modRevision;
  return {
    predecessor: { owner, token, end: 'expired', note: '' },
    session: typeof session === 'string' ? session : undefined,
  };
}

function tokenIn(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^\d+$/.test(value)
    ? BigInt(value)
    : undefined;
}

function toBytes(value: Readonly<Record<string, string>>): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

function fromBytes(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
