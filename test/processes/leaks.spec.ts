import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfFile } from './service.js';

interface Sample {
  readonly resources: readonly string[];
  readonly listeners: Readonly<Record<string, number>>;
  readonly descriptors: number;
  readonly heapUsed: number;
}

/**
 * Eight samples, each after so many applications have been created, reloaded and
 * closed. The process compiles nothing, and notes what it might compile from
 * the first call on: memory that depends on how quickly a compiler gets its
 * turn would hide a leak.
 */
async function sample(
  applications: number,
  reloads: number,
): Promise<Sample[]> {
  const cycles = fileURLToPath(new URL('fixture/cycles.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--no-opt',
    '--no-maglev',
    '--no-sparkplug',
    '--no-lazy-feedback-allocation',
    cycles,
    new ConfFile().path,
    String(applications),
    String(reloads),
  ]);
  return JSON.parse(stdout) as Sample[];
}

describe('F87 what is left behind', () => {
  it.each([
    ['80 applications that were closed', 10, 1],
    ['3,000 reloads', 1, 375],
  ])(
    'by %s: no listener, no timer, no handle, no file, no memory',
    async (_what, applications, reloads) => {
      const samples = await sample(applications, reloads);
      const { heapUsed: _heapUsed, ...left } = samples[0]!;
      expect(samples.at(-1)).toMatchObject(left);
      expect(left.resources).toEqual([]);
      expect(left.listeners['SIGHUP'] ?? 0).toBe(0);
      // The first two samples fill caches, and a sample may come a moment
      // before something is let go of; what leaks stays.
      const least = (some: readonly Sample[]) =>
        Math.min(...some.map(({ heapUsed }) => heapUsed));
      const growth = least(samples.slice(-3)) - least(samples.slice(2, 5));
      expect(growth / 1024).toBeLessThan(32);
    },
  );
});
