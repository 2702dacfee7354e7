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
 * Three samples, each after so many applications have been created, reloaded
 * and closed.
 */
async function sample(
  applications: number,
  reloads: number,
): Promise<Sample[]> {
  const cycles = fileURLToPath(new URL('fixture/cycles.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    cycles,
    new ConfFile().path,
    String(applications),
    String(reloads),
  ]);
  return JSON.parse(stdout) as Sample[];
}

describe('F87 what is left behind', () => {
  it.each([
    ['75 applications that were closed', 25, 1],
    ['3,000 reloads', 1, 1000],
  ])(
    'by %s: no listener, no timer, no handle, no file, no memory',
    async (_what, applications, reloads) => {
      const [first, second, third] = await sample(applications, reloads);
      const { heapUsed: _first, ...left } = first!;
      expect(third).toMatchObject(left);
      expect(left.resources).toEqual([]);
      expect(left.listeners['SIGHUP'] ?? 0).toBe(0);
      // Not from the first sample: what is compiled on the way is not a leak.
      const growth = third!.heapUsed - second!.heapUsed;
      expect(growth / 1024).toBeLessThan(512);
    },
    60_000,
  );
});
