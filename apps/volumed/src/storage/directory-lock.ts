import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PinnedDirectory } from './pinned-directory.js';
import {
  VolumeDirectoryLockedError,
  VolumeDirectoryUnusableError,
} from './storage.errors.js';
import { errnoOf } from './system-errors.js';

/** How flock(1) says, with -n, that another process holds the lock. */
const HELD = 1;

/** A flock(1) that need not wait and has not answered by then never will. */
const SPAWN_LIMIT_MS = 10_000;

/** How often a flock(1) is started that a signal ends. */
const ATTEMPTS = 5;

/** How a flock(1) ended. */
interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly complaint: string;
}

/**
 * Takes the exclusive lock of an open directory; it ends when the directory is
 * closed or the process ends, however it ends. Waits up to `waitMs` for the
 * holder.
 *
 * The lock is flock(2) on the directory itself. Node cannot call flock, so
 * flock(1) (util-linux or busybox) does, on our descriptor: the lock belongs to
 * the open file description that parent and child share, so it stays ours when
 * the child has ended, and the kernel drops it when we die, even by SIGKILL.
 * Why nothing else:
 * - a lock file with a process id is stale after a crash, its takeover has a
 *   race, and an id means nothing in another container's PID namespace;
 * - a heartbeat (proper-lockfile) calls a stopped process dead, and then two
 *   hold the directory when it goes on;
 * - an abstract socket is free of both, but is per network namespace: two
 *   containers that share the disk would both get it;
 * - a lock file that somebody deletes lets a second process in; the directory
 *   itself cannot be swapped under an open descriptor.
 * Two machines on one network file system are not kept apart by it: that is
 * what leases are for.
 *
 * @throws VolumeDirectoryLockedError when another process holds it
 * @throws VolumeDirectoryUnusableError when flock cannot be run or fails
 */
export async function lockDirectory(
  directory: PinnedDirectory,
  path: string,
  options: { waitMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const flags = options.waitMs > 0 ? ['-x'] : ['-x', '-n'];
  const deadline = AbortSignal.timeout(options.waitMs || SPAWN_LIMIT_MS);
  const signal = options.signal
    ? AbortSignal.any([options.signal, deadline])
    : deadline;
  let answer: Ended;
  try {
    answer = await flock(directory, flags, signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!deadline.aborted) throw cannotRun(path, error);
    // On a busy machine it may not even have begun to wait.
    if (options.waitMs > 0)
      return lockDirectory(directory, path, { ...options, waitMs: 0 });
    throw new VolumeDirectoryUnusableError(
      `flock(1) has not answered for ${path} within ${SPAWN_LIMIT_MS} ms`,
    );
  }
  const { status, ...ended } = answer;
  if (status === 0) return;
  if (status === HELD && ended.complaint === '') {
    throw new VolumeDirectoryLockedError(path);
  }
  const how =
    ended.signal === null
      ? `expected exit status 0, got ${status}: ${ended.complaint.trim()}`
      : `${ended.signal} ended it ${ATTEMPTS} times`;
  throw new VolumeDirectoryUnusableError(
    `flock(1) could not lock ${path}: ${how}`,
  );
}

/**
 * Runs flock(1), and again when a signal ends it: one that was meant for this
 * process, such as a SIGHUP to all processes of a service, asks it to do
 * something and not to fail.
 */
async function flock(
  directory: PinnedDirectory,
  flags: readonly string[],
  signal: AbortSignal,
): Promise<Ended> {
  for (let attempt = 1; ; attempt += 1) {
    const child = spawn('flock', [...flags, '3'], {
      stdio: ['ignore', 'ignore', 'pipe', directory.fd],
      // A group of its own: what is sent to ours, as by a terminal, misses it.
      detached: true,
      signal,
    });
    let complaint = '';
    child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
    const [status, ended] = (await once(child, 'close')) as [
      Ended['status'],
      Ended['signal'],
    ];
    if (ended === null || attempt === ATTEMPTS) {
      return { status, signal: ended, complaint };
    }
  }
}

function cannotRun(path: string, cause: unknown): Error {
  const errno = errnoOf(cause);
  const why =
    errno === 'ENOENT'
      ? 'install util-linux and see that flock is on the PATH'
      : String(errno ?? cause);
  return new VolumeDirectoryUnusableError(
    `cannot run flock(1) to lock ${path}: ${why}`,
    { cause },
  );
}
