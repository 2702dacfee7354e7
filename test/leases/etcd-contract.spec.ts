import { setTimeout as wait } from 'node:timers/promises';
import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import {
  servingLeasesContract,
  type TriedStore,
} from './serving-leases.contract.js';
import { leaseKey } from './etcd-gateway.js';
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
    const { gateway } = etcd;
    const key = (volume: string): string => leaseKey(namespace, volume);
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
      compact: () => gateway.compact(),
      revoke: (session) => gateway.revoke(session),
      remove: (volume) => gateway.remove(key(volume)),
      expire: (volume, { owner, token }) => {
        const value = { owner, expired: String(token) };
        return gateway.put(key(volume), JSON.stringify(value));
      },
      overwrite: (volume) => gateway.put(key(volume), 'a stranger'),
    };
  });
});
