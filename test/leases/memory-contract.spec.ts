import {
  MemoryLeaseStore,
  memoryServingLeases,
  VirtualClock,
} from '@nestjs-transitions/testing';
import { describe } from 'vitest';
import {
  servingLeasesContract,
  type TriedStore,
} from './serving-leases.contract.js';

describe('memoryServingLeases, as every ServingLeases:', () => {
  servingLeasesContract(async (): Promise<TriedStore> => {
    const clock = new VirtualClock();
    const store = new MemoryLeaseStore({ clock });
    return {
      peer: (options) => memoryServingLeases({ ...options, store }),
      until: async (isSo, milliseconds) => {
        for (let passed = 0; !(await isSo()); passed += 100) {
          if (passed >= milliseconds) throw new Error('it was never so');
          await clock.advance(100);
        }
      },
      compact: async () => store.compact(),
      revoke: async (session) => store.revoke(session),
      remove: async (volume) => store.remove(volume),
      expire: async (volume) => store.expire(volume),
      overwrite: async (volume) => store.overwrite(volume, 'a stranger'),
    };
  });
});
