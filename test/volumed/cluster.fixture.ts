import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { Cluster, type ClusterOptions } from 'volumed/demo';
import { RawConnection } from 'volumed/raw-http';

const started: TestCluster[] = [];

// Also those of a test that timed out, because it disposes of nothing.
afterAll(async () => {
  for (const cluster of started) await cluster[Symbol.asyncDispose]();
});

/** An empty folder for a cluster. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'volumed-test-'));
}

/**
 * Two peers, a and b. Volume v of group g is at a. Disposing of the cluster
 * ends its processes and removes its files.
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

/** A connection to a peer, on which a test can write anything. */
export function connectTo(
  cluster: Cluster,
  name: string,
): Promise<RawConnection> {
  return RawConnection.open(cluster.peer(name).options.port);
}

/** The head of a request, to send on a raw connection. */
export function head(
  method: string,
  path: string,
  ...headers: readonly string[]
): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`;
}

/**
 * Sends GET requests to a peer, on one connection, until one is answered with a
 * status.
 */
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
