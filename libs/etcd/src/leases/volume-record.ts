import type { LeaseHolder, Predecessor } from 'nestjs-transitions/core';
import type { KeyValue } from '../wire/etcd_pb.js';
import { fromBytes, toBytes } from './json-bytes.js';

// What the key of a volume says. Its revision is the token of the claim:
//
//     {"owner":"a","session":"4a9f"}              claimed by a session
//     {"owner":"a","session":"4a9f","since":"7"}  and again, first in that revision
//     {"owner":"a","released":"7"}                released, with the token of the claim
//     {"owner":"a","released":"7","noted":"yes"}  and a note was left
//     {"owner":"a","expired":"7"}                 taken from it by an operator
//
// A note may be 4 KiB long. It has a key of its own, so that listings and changes of
// many volumes stay small: {"released":"7","note":"bye"}

/** @param since - the revision of the first claim, where the session claims again */
export function claimedValue(
  owner: string,
  session: string,
  since?: bigint,
): Uint8Array {
  return toBytes({
    owner,
    session,
    ...(since !== undefined && { since: String(since) }),
  });
}

export function releasedValue(
  owner: string,
  token: bigint,
  note: string,
): Uint8Array {
  return toBytes({
    owner,
    released: String(token),
    ...(note !== '' && { noted: 'yes' }),
  });
}

export function noteValue(token: bigint, note: string): Uint8Array {
  return toBytes({ released: String(token), note });
}

/** What was left with the release of a claim; '' if that is not this one. */
export function noteIn(kv: KeyValue | undefined, token: bigint): string {
  const { released, note } = (kv && fromBytes(kv.value)) ?? {};
  return tokenIn(released) === token && typeof note === 'string' ? note : '';
}

/** What is known of a volume. */
export interface VolumeRecord {
  /** 0 where there is nothing. */
  readonly revision: bigint;
  /** Who claimed it and did not release it, though its session may be over. */
  readonly holder: LeaseHolder | undefined;
  /** In which revision the holder claimed it first. */
  readonly since: bigint;
  /**
   * Who had it, for whoever claims it next: the holder, as if its session had
   * expired, or who released it. Undefined if nobody had it, or nobody can tell who.
   */
  readonly last: Predecessor | undefined;
  /** Whether that one left a note, which is not in here. */
  readonly isNoted: boolean;
}

/** Of a holder whose value no peer wrote: it is under no session, and so is never over. */
export const noSession = '0';

const nothing: VolumeRecord = {
  revision: 0n,
  holder: undefined,
  since: 0n,
  last: undefined,
  isNoted: false,
};

/** A value, without the revision in which it was written. */
interface Content {
  readonly owner: string;
  readonly session: string | undefined;
  readonly since: bigint | undefined;
  /** Of the claim that ended, and how. */
  readonly ended: Omit<Predecessor, 'owner'> | undefined;
  readonly isNoted: boolean;
}

/** Reads records, of which many in a row say the same: what was written is read once. */
export class RecordReader {
  private value: Uint8Array | undefined;
  private content: Content = contentOf(new Uint8Array());

  read(kv: KeyValue | undefined): VolumeRecord {
    if (kv === undefined) return nothing;
    const { value, modRevision: revision } = kv;
    if (this.value === undefined || Buffer.compare(value, this.value) !== 0) {
      this.value = value;
      this.content = contentOf(value);
    }
    const { owner, session, since = revision, ended, isNoted } = this.content;
    if (ended !== undefined) {
      const last = { owner, ...ended };
      return { revision, holder: undefined, since, last, isNoted };
    }
    if (session === undefined) {
      const holder = { owner, session: noSession, token: revision };
      return { revision, holder, since, last: undefined, isNoted };
    }
    return {
      revision,
      holder: { owner, session, token: revision },
      since,
      last: { owner, token: revision, end: 'expired', note: '' },
      isNoted,
    };
  }
}

function contentOf(value: Uint8Array): Content {
  const {
    owner = '(not written by a peer)',
    session,
    since,
    released,
    expired,
    noted,
  } = fromBytes(value) ?? {};
  return {
    owner: String(owner),
    session: typeof session === 'string' ? session : undefined,
    since: tokenIn(since),
    ended:
      endOf(tokenIn(released), 'released') ??
      endOf(tokenIn(expired), 'expired'),
    isNoted: noted !== undefined,
  };
}

function endOf(
  token: bigint | undefined,
  end: Predecessor['end'],
): Content['ended'] {
  return token === undefined ? undefined : { token, end, note: '' };
}

function tokenIn(value: unknown): bigint | undefined {
  // Only a hand writes a number.
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
    return BigInt(value);
  return typeof value === 'string' && /^\d+$/.test(value)
    ? BigInt(value)
    : undefined;
}
