import { Agent, request } from 'undici';

/** How an etcd is reached by hand. */
export interface GatewayOptions {
  /** How long it may take to answer, in milliseconds. Default 30,000. */
  readonly patience?: number;
  /** Contents in PEM. Default: no encryption. */
  readonly tls?: {
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
    readonly servername: string;
  };
}

/** As the gateway has it: bytes in base64, numbers as text. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  readonly mod_revision: string;
  /** Missing where the key is under none. */
  readonly lease?: string;
}

/** The JSON gateway of an etcd: another way in than that of the library. */
export class EtcdGateway {
  private readonly patience: number;
  private readonly tls: GatewayOptions['tls'];

  constructor(
    private readonly endpoint: string,
    { patience = 30_000, tls }: GatewayOptions = {},
  ) {
    this.patience = patience;
    this.tls = tls;
  }

  /** @throws Error with what etcd says when it refuses */
  async ask(
    path: string,
    content: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, unknown>> {
    const { tls, endpoint, patience } = this;
    const dispatcher = new Agent(tls && { connect: tls });
    try {
      const scheme = tls === undefined ? 'http' : 'https';
      const { statusCode, body } = await request(
        `${scheme}://${endpoint}/v3/${path}`,
        {
          method: 'POST',
          body: JSON.stringify(content),
          signal: AbortSignal.timeout(patience),
          dispatcher,
        },
      );
      const answer = await body.text();
      if (statusCode !== 200) throw new Error(`etcd: ${path}: ${answer}`);
      return JSON.parse(answer) as Record<string, unknown>;
    } finally {
      await dispatcher.destroy();
    }
  }

  async get(key: string): Promise<StoredKey | undefined> {
    return (await this.find({ key: encoded(key) }))[0];
  }

  /** All whose name begins so; the prefix ends with '/'. */
  getAll(prefix: string): Promise<readonly StoredKey[]> {
    // The character after '/' is '0'.
    const end = `${prefix.slice(0, -1)}0`;
    return this.find({ key: encoded(prefix), range_end: encoded(end) });
  }

  async put(key: string, value: string): Promise<void> {
    await this.ask('kv/put', { key: encoded(key), value: encoded(value) });
  }

  async remove(key: string): Promise<void> {
    await this.ask('kv/deleterange', { key: encoded(key) });
  }

  /** @param session - as LeaseSession.id */
  async revoke(session: string): Promise<void> {
    await this.ask('lease/revoke', { ID: String(BigInt(`0x${session}`)) });
  }

  /**
   * A session is there again, as after a restore.
   *
   * @param key - what says that it is there
   * @param session - as LeaseSession.id
   */
  async bringBack(key: string, session: string): Promise<void> {
    const lease = String(BigInt(`0x${session}`));
    const grant = { ID: lease, TTL: '60' };
    const content = { key: encoded(key), value: encoded('{}'), lease };
    await this.ask('lease/grant', grant).catch(unless('already exists'));
    // Where somebody ends it at this moment.
    await this.ask('kv/put', content).catch(unless('lease not found'));
  }

  /** Forgets all that was before the revision that it is at. */
  async compact(): Promise<void> {
    const { header } = await this.ask('kv/range', { key: encoded('x') });
    const { revision } = header as { readonly revision: string };
    const compacting = this.ask('kv/compaction', { revision });
    // To that revision already.
    await compacting.catch(unless('has been compacted'));
  }

  /** Makes a full store smaller, and lets it be written again. */
  async makeRoom(): Promise<void> {
    await this.compact();
    await this.ask('maintenance/defragment');
    const { alarms } = await this.ask('maintenance/alarm');
    for (const alarm of alarms as readonly object[])
      await this.ask('maintenance/alarm', { ...alarm, action: 'DEACTIVATE' });
  }

  private async find(
    range: Readonly<Record<string, string>>,
  ): Promise<readonly StoredKey[]> {
    const { kvs } = await this.ask('kv/range', range);
    return (kvs as readonly StoredKey[] | undefined) ?? [];
  }
}

/** Throws on what was thrown, unless that is what etcd says. */
function unless(text: string): (thrown: unknown) => void {
  return (thrown) => {
    if (!String(thrown).includes(text)) throw thrown;
  };
}

/** The key of a volume. */
export function leaseKey(namespace: string, volume: string): string {
  return `${namespace}/leases/volumes/${volume}`;
}

/** As the gateway takes bytes. */
export function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
