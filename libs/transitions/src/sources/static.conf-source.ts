import type { ConfMap } from '@nestjs-transitions/conf';
import type { ConfSource } from './conf-source.js';

/** Always the same configuration: for tests, and for those who call `signaled` themselves. */
export function staticConfSource(confMap: ConfMap): ConfSource {
  return {
    load: async () => confMap,
    describe: () => 'a fixed configuration',
  };
}
