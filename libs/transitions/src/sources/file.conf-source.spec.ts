import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sampleText } from '../testing/sample-conf.js';
import { fileConfSource } from './file.conf-source.js';

const { signal } = new AbortController();

function confFile(text = sampleText()): string {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-source-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'deep', 'deeper'), { recursive: true });
  writeFileSync(join(folder, 'peers.conf'), '[Cluster]\nPeers: A, B, C\n');
  const path = join(folder, 'deep', 'deeper', 'service.conf');
  writeFileSync(path, text);
  return path;
}

describe('the options of fileConfSource', () => {
  it('are those of ConfMap.fromFile too: includeRoots (F115)', async () => {
    const path = confFile(`${sampleText()}.include ../../peers.conf\n`);
    await expect(fileConfSource(path).load(signal)).rejects.toThrow(
      'includeRoots',
    );
    const source = fileConfSource(path, { includeRoots: [tmpdir()] });
    const confMap = await source.load(signal);
    expect(confMap.getStrings('Cluster', 'Peers')).toEqual(['A', 'B', 'C']);
  });

  it('are those of ConfMap.fromFile too: limits (F115)', async () => {
    const path = confFile();
    const source = fileConfSource(path, { limits: { bytes: 10 } });
    await expect(source.load(signal)).rejects.toThrow(
      '`limits.bytes` leaves 10',
    );
  });

  it.each([
    [{ watch: { poll: 0 } }, 'poll is 0; expected milliseconds above 0'],
    [{ watch: { poll: NaN } }, 'poll is NaN; expected milliseconds above 0'],
    [{ watch: { poll: -1 } }, 'poll is -1; expected milliseconds above 0'],
    [
      { watch: { debounce: Infinity } },
      'debounce is Infinity; expected a finite number of milliseconds',
    ],
    [
      { watch: { debouce: 1 } },
      'there is no option debouce; did you mean debounce?',
    ],
    [{ watch: 'yes' }, 'watch is yes; expected true, false or an object'],
    [{ overides: [] }, 'there is no option overides; did you mean overrides?'],
    [
      { overrides: 'Cluster.WhoAmI=A' },
      'overrides is Cluster.WhoAmI=A; expected a list, each a Section.Option=value',
    ],
  ])(
    'that make no sense are refused by name: %j (F99, F176)',
    (options, problem) => {
      expect(() => fileConfSource('service.conf', options as object)).toThrow(
        `fileConfSource(service.conf): ${problem}`,
      );
    },
  );

  it('a path that is none is refused by name', () => {
    expect(() => fileConfSource(undefined as unknown as string)).toThrow(
      'fileConfSource(undefined): expected the path of a .conf file',
    );
  });
});

describe('poll', () => {
  /** The timers that are started for looks, in milliseconds. */
  function timersOf(poll: number): unknown[] {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const source = fileConfSource(confFile(), { watch: { poll } });
    const subscription = source.changes$!.subscribe();
    onTestFinished(() => subscription.unsubscribe());
    const started = timers.mock.calls.map(([, milliseconds]) => milliseconds);
    timers.mockRestore();
    return started;
  }

  it('of months begins with as long as a timer can be, and Infinity with none (F99)', () => {
    expect(timersOf(2 ** 40)).toEqual([2 ** 31 - 1]);
    expect(timersOf(Infinity)).toEqual([]);
  });
});
