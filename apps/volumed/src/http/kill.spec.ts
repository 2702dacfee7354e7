import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  STAGING_NAME,
  VolumeDirectory,
  VolumeDirectoryLockedError,
} from '../storage/index.js';
import { rawRequest } from './testing/raw-http.js';

/** Needs the build: a child process runs no TypeScript. */
const CHILD = fileURLToPath(
  new URL('../../dist/http/testing/serve-directory.js', import.meta.url),
);
/** VOLUMED_KILL_ROUNDS=500 makes the long run. */
const ROUNDS = Number(process.env['VOLUMED_KILL_ROUNDS'] ?? 5);
const NAMES = ['a', 'b', 'd/c', 'd/e/f'];

let root: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'volumed-kill-'));
});

afterEach(async () => {
  await kill();
  await rm(root, { recursive: true });
});

async function start(): Promise<number> {
  child = fork(CHILD, [root]);
  const [port] = (await once(child, 'message')) as [number];
  return port;
}

async function kill(): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Content that shows by itself whether it is whole. */
function content(version: number): string {
  const filling = `${version};`.repeat(1 + ((version * 7919) % 60_000));
  return `${createHash('sha256').update(filling).digest('hex')}\n${filling}`;
}

function versionOf(text: string): number | 'damaged' {
  const [hash = '', filling = ''] = text.split('\n');
  const whole = createHash('sha256').update(filling).digest('hex') === hash;
  return whole ? Number.parseInt(filling, 10) : 'damaged';
}

/** The versions that a name may have: the acknowledged one, or one sent after it. */
class Expectation {
  acknowledged: number | undefined;
  pending = new Set<number>();

  allows(version: number | 'missing' | 'damaged'): boolean {
    if (version === 'damaged') return false;
    if (version === 'missing') return this.acknowledged === undefined;
    return version === this.acknowledged || this.pending.has(version);
  }

  settle(version: number | 'missing' | 'damaged'): void {
    this.acknowledged = typeof version === 'number' ? version : undefined;
    this.pending.clear();
  }
}

test(
  'after kill -9 at any moment every acknowledged file is whole, and no other is damaged',
  async () => {
    const expectations = new Map(
      NAMES.map((name) => [name, new Expectation()]),
    );
    let version = 0;
    let acknowledgements = 0;

    // One writer per name, so that what is acknowledged last is what is stored.
    const write = async (port: number, name: string): Promise<void> => {
      const expectation = expectations.get(name)!;
      for (;;) {
        version += 1;
        const sent = version;
        expectation.pending.add(sent);
        const answer = await rawRequest(port, 'PUT', `/volumes/v/${name}`, {
          body: content(sent),
        });
        expect([201, 204]).toContain(answer.status);
        acknowledgements += 1;
        expectation.settle(sent);
      }
    };

    for (let round = 0; round < ROUNDS; round += 1) {
      const port = await start();
      const writers = Promise.allSettled(
        NAMES.map((name) => write(port, name)),
      );
      const target = acknowledgements + 1 + Math.floor(Math.random() * 40);
      const isEnough = (): boolean => acknowledgements >= target;
      while (!isEnough()) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await kill();
      for (const end of await writers) {
        expect(end).toMatchObject({
          reason: { message: expect.stringMatching(/closed|ECONN/) as unknown },
        });
      }
      for (const [name, expectation] of expectations) {
        const found = await readFile(join(root, name), 'utf8').then(
          versionOf,
          () => 'missing' as const,
        );
        expect([name, found, expectation.allows(found)]).toEqual([
          name,
          found,
          true,
        ]);
        expectation.settle(found);
      }
    }
    const directory = await VolumeDirectory.open(root);
    expect(await readdir(join(root, STAGING_NAME))).toEqual([]);
    expect((await readdir(root)).sort()).toEqual([STAGING_NAME, 'a', 'b', 'd']);
    await directory.close();
  },
  60_000 + ROUNDS * 2_000,
);

test('the directory of a living process is locked, and free at once when it was killed', async () => {
  await start();
  await expect(VolumeDirectory.open(root)).rejects.toThrow(
    VolumeDirectoryLockedError,
  );
  await kill();
  const directory = await VolumeDirectory.open(root);
  await directory.close();
});

test('a process that waits for the lock gets it when the holder is killed', async () => {
  await start();
  const waiting = VolumeDirectory.open(root, { lockWaitMs: 15_000 });
  await kill();
  const directory = await waiting;
  expect(directory).toBeInstanceOf(VolumeDirectory);
  await directory.close();
});

test('the lock of a process that is stopped is not taken over', async () => {
  await start();
  child?.kill('SIGSTOP');
  await expect(VolumeDirectory.open(root, { lockWaitMs: 100 })).rejects.toThrow(
    VolumeDirectoryLockedError,
  );
});
