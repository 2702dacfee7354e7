import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleConf } from '../testing/sample-conf.js';
import { readKept, writeKept } from './kept-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-file-'));
  path = join(folder, 'kept.conf');
});

afterEach(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const header = { peer: 'A', source: 'file x', since: 'now' };
const longestPiece = 128 * 1024;

/** Many volumes, each with a section, in one group. */
function large(): ConfMap {
  const volumes = Array.from({ length: 30_000 }, (_, index) => `v${index}`);
  return sampleConf(
    { g: volumes },
    Object.fromEntries(
      volumes.map((name) => [`Volume:${name}`, { Path: `/srv/${name}` }]),
    ),
  );
}

/** How many turns the event loop has while something is done. */
async function turnsWhile(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isDone = true;
  return turns;
}

it('the event loop has a turn for each piece of a large configuration, both ways', async () => {
  const confMap = large();
  const writing = await turnsWhile(writeKept(path, confMap, header, signal));
  const pieces = statSync(path).size / longestPiece;
  expect(pieces).toBeGreaterThan(5);
  expect(writing).toBeGreaterThan(pieces);
  const reading = readKept(path, signal);
  expect(await turnsWhile(reading)).toBeGreaterThan(pieces);
  expect((await reading).confMap.equals(confMap)).toBe(true);
  expect((await reading).header).toEqual(header);
});

it('writing that is given up leaves the old file, and no other', async () => {
  await writeKept(path, sampleConf({ g: ['a'] }), header, signal);
  const controller = new AbortController();
  const writing = writeKept(path, large(), header, controller.signal);
  controller.abort(new Error('given up'));
  await expect(writing).rejects.toThrow('given up');
  const { confMap } = await readKept(path, signal);
  expect(confMap.getStrings('VolumeGroup:g', 'VolumeList')).toEqual(['a']);
});
