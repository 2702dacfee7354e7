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
 * Four samples, each after so many applications have been created, reloaded
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
    ['80 applications that were closed', 20, 1],
    ['3,000 reloads', 1, 750],
  ])(
    'by %s: no listener, no timer, no handle, no file, no memory',
    async (_what, applications, reloads) => {
      const samples = await sample(applications, reloads);
      const { heapUsed: _heapUsed, ...left } = samples[0]!;
      expect(samples.at(-1)).toMatchObject(left);
      expect(left.resources).toEqual([]);
      expect(left.listeners['SIGHUP'] ?? 0).toBe(0);
      // A leak grows from every sample to the next one; what is compiled on the
      // way does not.
      const growths = samples
        .slice(1)
        .map(({ heapUsed }, index) => heapUsed - samples[index]!.heapUsed);
      expect(Math.min(...growths) / 1024).toBeLessThan(256);
    },
    60_000,
  );
});
