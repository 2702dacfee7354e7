import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PinnedDirectory } from './pinned-directory.js';
import {
  VolumeDirectoryLockedError,
  VolumeDirectoryUnusableError,
} from './storage.errors.js';

/** How flock(1) says, with -n, that another process holds the lock. */
const HELD = 1;

/** A flock(1) that need not wait and has not answered by then never will. */
const SPAWN_LIMIT_MS = 10_000;

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
  const child = spawn('flock', [...flags, '3'], {
    stdio: ['ignore', 'ignore', 'pipe', directory.fd],
    signal,
  });
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  const status = await exitStatus(child, path).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (deadline.aborted) throw new VolumeDirectoryLockedError(path);
    throw error;
  });
  if (status === 0) return;
  if (status === HELD && complaint === '') {
    throw new VolumeDirectoryLockedError(path);
  }
  throw new VolumeDirectoryUnusableError(
    `flock(1) could not lock ${path}: expected exit status 0, got ${status}: ${complaint.trim()}`,
  );
}

async function exitStatus(
  child: ReturnType<typeof spawn>,
  path: string,
): Promise<number | null> {
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status;
  } catch (cause) {
    throw new VolumeDirectoryUnusableError(
      `cannot run flock(1) to lock ${path}: install util-linux and see that flock is on the PATH`,
      { cause },
    );
  }
}
