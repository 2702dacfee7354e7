import { now, type NemesisEvent } from './history.js';

interface Key {
  readonly key: string;
  readonly value: string;
  readonly mod_revision: string;
  readonly lease?: string;
}

/** Whoever touches keys and sessions by hand, over the JSON gateway of etcd. */
export class Operator {
  private readonly prefix: string;

  constructor(
    private readonly endpoint: string,
    namespace: string,
    private readonly note: (event: NemesisEvent) => void,
  ) {
    this.prefix = `${namespace}/leases/`;
  }

  /** Ends the session that holds a volume. Whether there was one. */
  async revokeHolderOf(volume: string): Promise<boolean> {
    const key = await this.keyOf(volume);
    if (key?.lease === undefined) return false;
    const session = BigInt(key.lease).toString(16);
    this.note({ at: now(), type: 'revoked', session });
    await this.ask('lease/revoke', { ID: key.lease });
    return true;
  }

  /** Deletes the key of a volume, or puts something else in its place. */
  async take(volume: string, overwrite: boolean): Promise<boolean> {
    const key = await this.keyOf(volume);
    if (key === undefined) return false;
    const token = Number(key.mod_revision);
    this.note({ at: now(), type: 'taken', volume, token });
    const own = { key: key.key };
    await this.ask('kv/txn', {
      compare: [
        { ...own, target: 'MOD', result: 'EQUAL', mod_revision: `${token}` },
      ],
      success: [
        overwrite
          ? { request_put: { ...own, value: encode('by hand') } }
          : { request_delete_range: own },
      ],
    });
    return true;
  }

  /** Forgets all that is not so any more. */
  async compact(): Promise<void> {
    const { header } = await this.ask('kv/range', { key: encode('x') });
    const { revision } = header as { readonly revision: string };
    await this.ask('kv/compaction', { revision });
  }

  /** Deletes what it has put in place of others' keys. */
  async tidyUp(): Promise<void> {
    for (const { key, lease } of await this.keys()) {
      if (lease !== undefined) continue;
      await this.ask('kv/deleterange', { key });
    }
  }

  private async keyOf(volume: string): Promise<Key | undefined> {
    const key = encode(this.prefix + volume);
    const { kvs } = await this.ask('kv/range', { key });
    return (kvs as readonly Key[] | undefined)?.[0];
  }

  private async keys(): Promise<readonly Key[]> {
    const { kvs } = await this.ask('kv/range', {
      key: encode(this.prefix),
      range_end: encode(`${this.prefix.slice(0, -1)}0`),
    });
    return (kvs as readonly Key[] | undefined) ?? [];
  }

  private async ask(
    path: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    const response = await fetch(`http://${this.endpoint}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(2_000),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`etcd: ${path}: ${answer}`);
    return JSON.parse(answer) as Record<string, unknown>;
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
