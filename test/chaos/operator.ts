import {
  encoded,
  EtcdGateway,
  leaseKey,
  type StoredKey,
} from '../leases/etcd-gateway.js';
import { now, type NemesisEvent } from './history.js';

const byHand = 'by hand';

/** Whoever touches keys and sessions by hand, over the JSON gateway of etcd. */
export class Operator {
  private readonly gateway: EtcdGateway;

  constructor(
    endpoint: string,
    private readonly namespace: string,
    private readonly note: (event: NemesisEvent) => void,
  ) {
    // It may be standing still.
    this.gateway = new EtcdGateway(endpoint, { patience: 2_000 });
  }

  /** Ends the session that holds a volume. Whether there was one. */
  async revokeHolderOf(volume: string): Promise<boolean> {
    const session = sessionIn(await this.keyOf(volume));
    if (session === undefined) return false;
    this.note({ at: now(), type: 'revoked', session });
    await this.gateway.revoke(session);
    return true;
  }

  /** Deletes the key of a volume, or puts something else in its place. */
  async take(volume: string, overwrite: boolean): Promise<boolean> {
    const key = await this.keyOf(volume);
    if (key === undefined || sessionIn(key) === undefined) return false;
    const token = Number(key.mod_revision);
    this.note({ at: now(), type: 'taken', volume, token });
    const own = { key: key.key };
    await this.gateway.ask('kv/txn', {
      compare: [
        { ...own, target: 'MOD', result: 'EQUAL', mod_revision: `${token}` },
      ],
      success: [
        overwrite
          ? { request_put: { ...own, value: encoded(byHand) } }
          : { request_delete_range: own },
      ],
    });
    return true;
  }

  /** Forgets all that is not so any more. */
  compact(): Promise<void> {
    return this.gateway.compact();
  }

  /** Deletes what it has put in place of others' keys. */
  async tidyUp(): Promise<void> {
    const keys = await this.gateway.getAll(leaseKey(this.namespace, ''));
    for (const { key, value } of keys) {
      if (value !== encoded(byHand)) continue;
      await this.gateway.remove(Buffer.from(key, 'base64').toString());
    }
  }

  private keyOf(volume: string): Promise<StoredKey | undefined> {
    return this.gateway.get(leaseKey(this.namespace, volume));
  }
}

/** Under which session a volume was claimed, and not released since. */
function sessionIn(key: StoredKey | undefined): string | undefined {
  if (key === undefined || key.value === encoded(byHand)) return undefined;
  const value = Buffer.from(key.value, 'base64').toString();
  return (JSON.parse(value) as { readonly session?: string }).session;
}
