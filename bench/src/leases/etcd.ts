import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoEtcd, NoEtcdError } from 'volumed/demo';

/**
 * Runs something with an etcd of its own: on free ports of the loopback, with an
 * empty folder for its data. It is ended and its data removed afterwards.
 *
 * @throws NoEtcdError where none is installed
 */
export async function withEtcd<T>(
  run: (etcd: DemoEtcd) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-bench-'));
  try {
    await using etcd = await DemoEtcd.of({ etcd: 'own', folder });
    return await run(etcd!);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a suite measures; nothing, and it says so, where no etcd is installed. */
export async function unlessThereIsNoEtcd<T>(
  measure: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await measure();
  } catch (thrown) {
    if (!(thrown instanceof NoEtcdError)) throw thrown;
    process.stderr.write(
      'skipped: no etcd is installed (Debian: apt-get install etcd-server)\n',
    );
    return [];
  }
}
