import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { ConfFile } from './service.js';

interface Sample {
  readonly resources: readonly string[];
  readonly listeners: Readonly<Record<string, number>>;
  readonly descriptors: number;
  readonly heapUsed: number;
}

/**
 * Eight samples that a fixture prints, each after the same work. The process
 * compiles nothing, and notes what it might compile from the first call on:
 * memory that depends on how quickly a compiler gets its turn would hide a leak.
 */
async function samplesOf(
  fixture: string,
  ...args: readonly string[]
): Promise<Sample[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--no-opt',
    '--no-maglev',
    '--no-sparkplug',
    '--no-lazy-feedback-allocation',
    fileURLToPath(new URL(`fixture/${fixture}`, import.meta.url)),
    ...args,
  ]);
  return JSON.parse(stdout) as Sample[];
}

/** How much more memory is in use at the end, in KiB. */
function growthOf(samples: readonly Sample[]): number {
  // The first two samples fill caches, and a sample may come a moment before
  // something is let go of; what leaks stays.
  const least = (some: readonly Sample[]) =>
    Math.min(...some.map(({ heapUsed }) => heapUsed));
  return (least(samples.slice(-3)) - least(samples.slice(2, 5))) / 1024;
}

describe('F87 what is left behind', () => {
  it.each([
    ['80 applications that were closed', '10', '1'],
    ['3,000 reloads', '1', '375'],
  ])(
    'by %s: no listener, no timer, no handle, no file, no memory',
    async (_what, applications, reloads) => {
      const { path } = new ConfFile();
      const samples = await samplesOf(
        'cycles.mjs',
        path,
        applications,
        reloads,
      );
      const { heapUsed: _heapUsed, ...left } = samples[0]!;
      expect(samples.at(-1)).toMatchObject(left);
      expect(left.resources).toEqual([]);
      expect(left.listeners['SIGHUP'] ?? 0).toBe(0);
      expect(growthOf(samples)).toBeLessThan(32);
    },
  );

  it.skipIf(!hasEtcd)(
    'by 64 applications with leases, of which each moves a volume and loses its session: the same',
    async () => {
      const etcd = await EtcdProcess.start();
      onTestFinished(() => etcd.stop());
      const samples = await samplesOf(
        'lease-cycles.mjs',
        etcd.endpoint,
        '8',
        '2',
      );
      const { heapUsed: _heapUsed, ...left } = samples[0]!;
      expect(samples.at(-1)).toMatchObject(left);
      expect(left.resources).toEqual([]);
      expect(growthOf(samples)).toBeLessThan(32);
    },
  );
});
