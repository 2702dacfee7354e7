import { existsSync } from 'node:fs';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lockDirectory } from './directory-lock.js';
import { PinnedDirectory } from './pinned-directory.js';

let root: string;
let holder: PinnedDirectory;
let directory: PinnedDirectory;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lock-'));
  holder = await PinnedDirectory.open(root);
  directory = await PinnedDirectory.open(root);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([holder.close(), directory.close()].map(settled));
  await rm(root, { recursive: true });
});

const settled = (promise: Promise<void>): Promise<void> =>
  promise.catch(() => {});

interface Child {
  readonly pid: number;
  readonly group: number;
}

/** The child that waits for the lock; a new one when `but` names one. */
async function waitingChild(but?: number): Promise<Child> {
  for (;;) {
    for (const pid of await readdir('/proc')) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, command, state, parent, group] =
        /^\d+ \((.*)\) (\w) (\d+) (\d+)/.exec(stat) ?? [];
      const isOurs = command === 'flock' && Number(parent) === process.pid;
      if (!isOurs || state === 'Z' || Number(pid) === but) continue;
      return { pid: Number(pid), group: Number(group) };
    }
  }
}

test('what waits for a lock is in no group of this process, and what ends it all the same is tried again (F166)', async () => {
  await lockDirectory(holder, root, { waitMs: 0 });
  const waiting = lockDirectory(directory, root, { waitMs: 10_000 });
  const first = await waitingChild();
  expect(first.group).toBe(first.pid);
  process.kill(first.pid, 'SIGHUP');
  const second = await waitingChild(first.pid);
  process.kill(second.pid, 'SIGTERM');
  await waitingChild(second.pid);
  await holder.close();
  await waiting;
});

/** A flock of our own on the PATH. */
async function fakeFlock(script: string): Promise<void> {
  const path = join(root, 'flock');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  vi.stubEnv('PATH', `${root}:${process.env['PATH']}`);
}

test('a lock that a signal ends again and again is given up, and the signal named (F166)', async () => {
  await fakeFlock('echo again >> "$(dirname "$0")/attempts"; kill -USR1 $$');
  const locking = lockDirectory(directory, root, { waitMs: 10_000 });
  await expect(locking).rejects.toThrow(
    `flock(1) could not lock ${root}: SIGUSR1 ended it`,
  );
  const attempts = await readFile(join(root, 'attempts'), 'utf8');
  expect(attempts).toBe('again\n'.repeat(5));
});

test('a flock that fails is quoted, one that is missing or cannot be started is told apart (F166)', async () => {
  await fakeFlock('echo out of luck >&2; exit 71');
  const failing = lockDirectory(directory, root, { waitMs: 100 });
  await expect(failing).rejects.toThrow(
    'expected exit status 0, got 71: out of luck',
  );
  vi.stubEnv('PATH', join(root, 'nothing'));
  const missing = lockDirectory(directory, root, { waitMs: 100 });
  await expect(missing).rejects.toThrow('install util-linux');
  await writeFile(join(root, 'flock'), 'no program');
  await chmod(join(root, 'flock'), 0o644);
  vi.stubEnv('PATH', root);
  const denied = lockDirectory(directory, root, { waitMs: 100 });
  await expect(denied).rejects.toThrow(/^cannot run flock\(1\) .+EACCES$/);
});

test('a flock that has not begun to wait when the time is over does not make a free directory a held one', async () => {
  const flock = process.env['PATH']!;
  await fakeFlock(
    `[ "$2" = -n ] || exec sleep 60; PATH='${flock}'; exec flock "$@"`,
  );
  await lockDirectory(directory, root, { waitMs: 50 });
  await expect(lockDirectory(holder, root, { waitMs: 50 })).rejects.toThrow(
    'held by another process',
  );
});

test('a child that is left over when the wait ends is gone soon (F166)', async () => {
  await lockDirectory(holder, root, { waitMs: 0 });
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = lockDirectory(directory, root, { waitMs: 10_000, signal });
  const { pid } = await waitingChild();
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
