import {
  encoded,
  EtcdGateway,
  leaseKey,
  type StoredKey,
} from '../leases/etcd-gateway.js';
import { now, type NemesisEvent } from './history.js';

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
    const key = await this.keyOf(volume);
    if (key?.lease === undefined) return false;
    const session = BigInt(key.lease).toString(16);
    this.note({ at: now(), type: 'revoked', session });
    await this.gateway.revoke(session);
    return true;
  }

  /** Deletes the key of a volume, or puts something else in its place. */
  async take(volume: string, overwrite: boolean): Promise<boolean> {
    const key = await this.keyOf(volume);
    if (key === undefined) return false;
    const token = Number(key.mod_revision);
    this.note({ at: now(), type: 'taken', volume, token });
    const own = { key: key.key };
    await this.gateway.ask('kv/txn', {
      compare: [
        { ...own, target: 'MOD', result: 'EQUAL', mod_revision: `${token}` },
      ],
      success: [
        overwrite
          ? { request_put: { ...own, value: encoded('by hand') } }
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
    for (const { key, lease } of keys) {
      if (lease !== undefined) continue;
      await this.gateway.remove(Buffer.from(key, 'base64').toString());
    }
  }

  private keyOf(volume: string): Promise<StoredKey | undefined> {
    return this.gateway.get(leaseKey(this.namespace, volume));
  }
}
