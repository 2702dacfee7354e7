import { setTimeout as wait } from 'node:timers/promises';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import {
  servingLeasesContract,
  type TriedStore,
} from './serving-leases.contract.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';

describe.skipIf(!hasEtcd)('etcdServingLeases, as every ServingLeases:', () => {
  let etcd: EtcdProcess;
  let stores = 0;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
  });
  afterAll(() => etcd.stop());

  servingLeasesContract(async (): Promise<TriedStore> => {
    const namespace = `test-${++stores}`;
    const key = (volume: string): string =>
      base64(`${namespace}/leases/${volume}`);
    return {
      peer: ({ ttl = 10_000 } = {}) => {
        const leases = etcdServingLeases({
          endpoints: [etcd.endpoint],
          namespace,
          ttl: ttl / 1000,
        });
        onTestFinished(() => leases.close());
        return leases;
      },
      until: async (isSo, milliseconds) => {
        const end = performance.now() + milliseconds;
        while (!(await isSo())) {
          if (performance.now() > end) throw new Error('it was never so');
          await wait(50);
        }
      },
      compact: async () => {
        const { header } = await etcd.ask('kv/range', { key: base64('x') });
        const { revision } = header as { readonly revision: string };
        await etcd.ask('kv/compaction', { revision });
      },
      revoke: async (session) => {
        await etcd.ask('lease/revoke', { ID: String(BigInt(`0x${session}`)) });
      },
      remove: async (volume) => {
        await etcd.ask('kv/deleterange', { key: key(volume) });
      },
      overwrite: async (volume) => {
        const value = base64('a stranger');
        await etcd.ask('kv/put', { key: key(volume), value });
      },
    };
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
