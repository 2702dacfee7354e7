import type { Claim, Predecessor } from 'nestjs-transitions/core';
import { encoded, type EtcdGateway, type StoredKey } from './etcd-gateway.js';

/** What a key says, and in which revision that was written. */
interface Written {
  readonly revision: bigint;
  readonly value: string;
  readonly isUnderLease: boolean;
}

/** All keys of a namespace in one revision. */
type State = ReadonlyMap<string, Written>;

/** What a record of a volume may say. */
interface VolumeRecord {
  readonly owner?: string;
  readonly session?: string;
  readonly since?: string;
  readonly released?: string;
  readonly expired?: string;
}

// As many as etcd takes in one request.
const mostInRequest = 120;

/** What was so in a namespace in each revision, as etcd itself tells it. */
export class EtcdHistory {
  private constructor(
    private readonly namespace: string,
    private readonly states: ReadonlyMap<bigint, State>,
  ) {}

  /** Of all revisions after one, and that one. */
  static async read(
    gateway: EtcdGateway,
    namespace: string,
    first: bigint,
  ): Promise<EtcdHistory> {
    const last = await newestRevision(gateway);
    const states = new Map<bigint, State>();
    for (let from = first; from <= last; from += BigInt(mostInRequest)) {
      const revisions = Array.from(
        { length: mostInRequest },
        (_, index) => from + BigInt(index),
      ).filter((revision) => revision <= last);
      const { responses } = await gateway.ask('kv/txn', {
        success: revisions.map((revision) => ({
          request_range: {
            key: encoded(`${namespace}/`),
            range_end: encoded(`${namespace}0`),
            revision: String(revision),
          },
        })),
      });
      const answers = responses as readonly {
        readonly response_range: { readonly kvs?: readonly StoredKey[] };
      }[];
      answers.forEach(({ response_range: { kvs = [] } }, index) =>
        states.set(revisions[index]!, stateOf(kvs)),
      );
    }
    return new EtcdHistory(namespace, states);
  }

  /** What was not as it must be: each claim of a volume that was not free, or under a session that was over. */
  violations(): string[] {
    const violations: string[] = [];
    for (const [revision, state] of this.states) {
      const before = this.states.get(revision - 1n);
      if (before === undefined) continue;
      for (const [key, { value, revision: written }] of state) {
        const session = sessionIn(value);
        if (written !== revision || session === undefined) continue;
        if (!this.isVolume(key)) continue;
        if (!this.isThere(session, before))
          violations.push(`${revision}: ${key} by ${session}, which is over`);
        const holder = this.holderIn(before.get(key), before);
        if (holder !== undefined && holder !== session)
          violations.push(`${revision}: ${key} taken from ${holder}`);
      }
    }
    return violations;
  }

  /** Whether a session wrote that claim, as it was told. */
  isWritten({ volume, token }: Claim, session: string): boolean {
    const record = this.recordOf(volume, token);
    return record?.revision === token && sessionIn(record.value) === session;
  }

  /** Who had the volume before whoever wrote this claim. */
  predecessorOf({ volume, token }: Claim): Predecessor | undefined {
    const { since = String(token) } = readRecord(
      this.recordOf(volume, token)!.value,
    );
    const before = this.states.get(BigInt(since) - 1n)!;
    const record = before.get(this.volumeKey(volume));
    if (record === undefined) return undefined;
    const { owner = '', released, expired } = readRecord(record.value);
    if (released !== undefined) {
      const note = this.noteIn(before, volume, released);
      return { owner, token: BigInt(released), end: 'released', note };
    }
    if (expired !== undefined)
      return { owner, token: BigInt(expired), end: 'expired', note: '' };
    const session = sessionIn(record.value)!;
    const isInOrder = before.has(`${this.namespace}/ended/${session}`);
    const end = isInOrder ? 'released' : 'expired';
    return { owner, token: record.revision, end, note: '' };
  }

  /** Under which session a record is held; a stranger's is under none, and held for ever. */
  private holderIn(
    record: Written | undefined,
    state: State,
  ): string | undefined {
    if (record === undefined) return undefined;
    const { session, released, expired } = readRecord(record.value);
    if (released !== undefined || expired !== undefined) return undefined;
    if (session === undefined) return 'a stranger';
    return this.isThere(session, state) ? session : undefined;
  }

  /** What was left with a release. */
  private noteIn(state: State, volume: string, released: string): string {
    const { value } = state.get(`${this.namespace}/notes/${volume}`) ?? {};
    const note = JSON.parse(value ?? '{}') as {
      readonly released?: string;
      readonly note?: string;
    };
    return note.released === released ? (note.note ?? '') : '';
  }

  private isThere(session: string, state: State): boolean {
    const key = state.get(`${this.namespace}/leases/sessions/${session}`);
    return key?.isUnderLease === true;
  }

  private recordOf(volume: string, revision: bigint): Written | undefined {
    return this.states.get(revision)?.get(this.volumeKey(volume));
  }

  private volumeKey(volume: string): string {
    return `${this.namespace}/leases/volumes/${volume}`;
  }

  private isVolume(key: string): boolean {
    return key.startsWith(this.volumeKey(''));
  }
}

export async function newestRevision(gateway: EtcdGateway): Promise<bigint> {
  const { header } = await gateway.ask('kv/range', { key: encoded('x') });
  return BigInt((header as { readonly revision: string }).revision);
}

function stateOf(kvs: readonly StoredKey[]): State {
  return new Map(
    kvs.map(({ key, value, mod_revision: revision, lease }) => [
      decoded(key),
      {
        value: decoded(value),
        revision: BigInt(revision),
        isUnderLease: lease !== undefined,
      },
    ]),
  );
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

function readRecord(value: string): VolumeRecord {
  return value.startsWith('{') ? (JSON.parse(value) as VolumeRecord) : {};
}

function sessionIn(value: string): string | undefined {
  return readRecord(value).session;
}
