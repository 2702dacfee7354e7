import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, vi } from 'vitest';
import { Cluster, type ClusterOptions } from 'volumed/demo';
import { RawConnection } from 'volumed/raw-http';

// Processes take their time to start where others are at work.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const started: TestCluster[] = [];

// Also those of a test that timed out, which disposes of nothing.
afterAll(async () => {
  for (const cluster of started) await cluster[Symbol.asyncDispose]();
});

/** An empty folder for a cluster. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'volumed-test-'));
}

/**
 * Two peers, a and b; volume v of group g is at a. Its processes and files are
 * gone when it is disposed.
 */
export class TestCluster implements AsyncDisposable {
  private constructor(
    readonly cluster: Cluster,
    readonly folder: string,
  ) {}

  static async start(
    options: Partial<ClusterOptions> = {},
  ): Promise<TestCluster> {
    const folder = await makeFolder();
    const cluster = await Cluster.start({
      folder,
      peers: ['a', 'b'],
      groups: { g: ['v'] },
      ...options,
    });
    const running = new TestCluster(cluster, folder);
    started.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { peers } = this.cluster;
    await Promise.all(peers.map((peer) => peer.stop('SIGKILL')));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A connection to a peer on which a test writes what it likes. */
export function connectTo(
  cluster: Cluster,
  name: string,
): Promise<RawConnection> {
  return RawConnection.open(cluster.peer(name).options.port);
}

/** The head of a request, to be sent on a raw connection. */
export function head(
  method: string,
  path: string,
  ...headers: readonly string[]
): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`;
}

/** Asks a peer on one connection until it answers a GET with a status. */
export async function untilAnswered(
  connection: RawConnection,
  path: string,
  status: number,
): Promise<void> {
  for (;;) {
    connection.send(head('GET', path));
    if ((await connection.next()).status === status) return;
    await setTimeout(5);
  }
}
