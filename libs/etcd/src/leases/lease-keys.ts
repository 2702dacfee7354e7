import type { KeyValue } from '../wire/etcd_pb.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The keys of a namespace:
 *
 *     <namespace>/store                      the identity of the store, made once
 *     <namespace>/leases/sessions/<session>  a session; gone when that is over
 *     <namespace>/leases/volumes/<volume>    who claimed the volume last, and whether
 *                                            it was released: see volume-record.ts
 *     <namespace>/notes/<volume>             what was left with the last release that
 *                                            left something: see volume-record.ts
 *     <namespace>/ended/<session>            it ended in order: what it held then
 *                                            was released
 *
 * A volume is held as long as it says that a session claimed it, and that session
 * is there: its key is under a lease.
 */
export class LeaseKeys {
  readonly store: Uint8Array;
  /** All sessions and then all volumes: from here up to `leasesEnd`, which is not in it. */
  readonly leases: Uint8Array;
  readonly leasesEnd: Uint8Array;
  private readonly sessionPrefix: string;
  private readonly volumePrefix: string;
  private readonly notePrefix: string;
  private readonly endedPrefix: string;

  constructor(namespace: string) {
    this.sessionPrefix = `${namespace}/leases/sessions/`;
    this.volumePrefix = `${namespace}/leases/volumes/`;
    this.notePrefix = `${namespace}/notes/`;
    this.endedPrefix = `${namespace}/ended/`;
    this.store = encoder.encode(`${namespace}/store`);
    this.leases = encoder.encode(`${namespace}/leases/`);
    // The character after '/' is '0'.
    this.leasesEnd = encoder.encode(`${namespace}/leases0`);
  }

  session(session: string): Uint8Array {
    return encoder.encode(this.sessionPrefix + session);
  }

  volume(volume: string): Uint8Array {
    return encoder.encode(this.volumePrefix + volume);
  }

  note(volume: string): Uint8Array {
    return encoder.encode(this.notePrefix + volume);
  }

  ended(session: string): Uint8Array {
    return encoder.encode(this.endedPrefix + session);
  }

  /** What a key between `leases` and `leasesEnd` is of: of neither where a stranger put it there. */
  nameOf(key: Uint8Array): {
    readonly session?: string;
    readonly volume?: string;
  } {
    const text = decoder.decode(key);
    if (text.startsWith(this.volumePrefix))
      return { volume: text.slice(this.volumePrefix.length) };
    if (text.startsWith(this.sessionPrefix))
      return { session: text.slice(this.sessionPrefix.length) };
    return {};
  }
}

/** Whether a session is there, by what its key is: one that was written by hand is under no lease. */
export function isThere(key: Pick<KeyValue, 'lease'> | undefined): boolean {
  return key !== undefined && key.lease !== 0n;
}

/** The name of a session is that of its lease in etcdctl. */
export function sessionName(lease: bigint): string {
  return lease.toString(16).padStart(16, '0');
}
