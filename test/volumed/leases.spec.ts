import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  findOverlaps,
  Load,
  VolumeClient,
  type Cluster,
  type PeerProcess,
} from 'volumed/demo';
import { rawRequest } from 'volumed/raw-http';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { connectTo, head, TestCluster } from './cluster.fixture.js';

const ttl = 2_000;
/** How long after its ttl etcd may take to end a session, and a peer to hear of it and to claim. */
const slack = 3_000;
const file = '/volumes/v/file';

describe.skipIf(!hasEtcd)('two peers on one data root, with leases:', () => {
  let etcd: EtcdProcess;
  let running: TestCluster;
  let cluster: Cluster;
  let a: PeerProcess;
  let b: PeerProcess;

  beforeAll(async () => {
    etcd = await EtcdProcess.start();
    const leases = ['--etcd', `http://${etcd.endpoint}`, '--lease-ttl', '2'];
    running = await TestCluster.start({
      args: [...leases, '--drain-timeout', '2000'],
    });
    ({ cluster } = running);
    [a, b] = [cluster.peer('a'), cluster.peer('b')];
  });

  beforeEach(async () => {
    await cluster.apply(cluster.withPrimaries({ g: 'a' }));
    await untilServed(a);
    const { status } = await put(a, 'old');
    if (status >= 300) throw new Error(`PUT was answered ${status}`);
  });

  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    await etcd?.stop();
  });

  it('a volume that moves under load is served by one at a time, whoever reloads first, and what was stored is there (F62)', async () => {
    const client = new VolumeClient([a.url, b.url], 8);
    const options = { volumes: ['v'], clients: 4, fileBytes: 1_000 };
    const load = new Load(client, options);
    const uploads = new Uploads(client);
    await load.start();
    uploads.start();
    for (const [primary, order] of [
      ['b', [a, b]],
      ['a', [a, b]],
      ['b', [b, a]],
      ['a', [b, a]],
    ] as const) {
      await load.until(load.requests + 20);
      await load.whileMoving(async () => {
        await cluster.write(cluster.withPrimaries({ g: primary }));
        for (const peer of order) await peer.reload();
        await untilServed(cluster.peer(primary));
      });
    }
    await Promise.all([load.stop(), uploads.stop()]);
    expect([...load.atRest.failures, ...load.moving.failures]).toEqual([]);
    expect(uploads.failures).toEqual([]);
    expect(load.moving.retried).toBeGreaterThan(0);
    for (const [path, content] of uploads.stored) {
      const { body } = await rawRequest(a.options.port, 'GET', path);
      expect([path, body]).toEqual([path, content]);
    }
    expect(uploads.stored.size).toBeGreaterThan(0);
    expect(findOverlaps(await cluster.servings())).toEqual([]);
    await client.destroy();
  });

  it('a holder that stands still loses its volumes, and when it goes on lets nobody in and damages nothing (F56)', async () => {
    const upload = await connectTo(cluster, 'a');
    upload.send(head('PUT', file, 'Content-Length: 8')).send('late');
    const connection = await connectTo(cluster, 'a');
    // So that the upload, which came before, is inside.
    connection.send(head('GET', file));
    expect((await connection.next()).status).toBe(200);
    const token = await tokenAt(a);
    await cluster.write(cluster.withPrimaries({ g: 'b' }));
    await b.reload();
    expect((await b.status()).leases).toMatchObject({
      session: 'open',
      tokens: {},
      waiting: [{ volume: 'v', holder: 'a' }],
    });
    a.signal('SIGSTOP');
    try {
      const stoppedAt = performance.now();
      // These arrive while it stands still.
      upload.send('late');
      connection.send(head('GET', file));
      connection.send(head('PUT', file, 'Content-Length: 4')).send('late');
      connection.send(head('DELETE', file));
      await untilServed(b);
      expect(performance.now() - stoppedAt).toBeLessThan(ttl + slack);
      expect(await tokenAt(b)).toBeGreaterThan(token);
      expect((await put(b, 'newer')).status).toBe(204);
    } finally {
      a.signal('SIGCONT');
    }
    expect((await upload.next()).status).toBe(503);
    for (let request = 0; request < 3; request++) {
      const answer = await connection.next();
      expect([answer.status, answer.headers['retry-after']]).toEqual([
        503,
        '1',
      ]);
    }
    expect(await get(b)).toMatchObject({ status: 200, body: 'newer' });
    await a.until('to let go', async () => {
      const { served, leases } = await a.status();
      return served.length === 0 && leases?.session === 'open';
    });
    await expectNothingHalf();
    for (const { socket } of [upload, connection]) socket.destroy();
  });

  it('while no etcd answers for longer than the ttl nobody serves, and all heal when it is back (F70)', async () => {
    await etcd.die();
    const diedAt = performance.now();
    let letInAt = diedAt;
    // Each of them by its own last renewal.
    await until('nobody to serve', async () => {
      const askedAt = performance.now();
      const answers = await Promise.all([get(a), ready(a), ready(b)]);
      const isOut = answers.every(({ status }) => status === 503);
      if (!isOut) letInAt = askedAt;
      return isOut && (await a.status()).served.length === 0;
    });
    expect(letInAt - diedAt).toBeLessThan(ttl);
    await until('the ttl to be over', async () => {
      for (const peer of [a, b]) {
        expect((await get(peer)).status).not.toBe(200);
        expect((await ready(peer)).status).toBe(503);
        expect((await peer.status()).served).toEqual([]);
      }
      return performance.now() - diedAt > ttl + 500;
    });
    const { leases } = await a.status();
    expect(leases?.session).not.toBe('open');
    expect(leases).toMatchObject({
      tokens: {},
      waiting: [{ volume: 'v', holder: null }],
    });
    await etcd.startAgain();
    await Promise.all([untilServed(a), a.ready(), b.ready()]);
    expect(await get(a)).toMatchObject({ status: 200, body: 'old' });
  });

  it('when a holder is killed the other one serves after its ttl (F63)', async () => {
    await cluster.write(cluster.withPrimaries({ g: 'b' }));
    await b.reload();
    const upload = await connectTo(cluster, 'a');
    upload.send(head('PUT', file, 'Content-Length: 8')).send('late');
    await until('the upload to begin', async () => (await staged()) === 1);
    const killedAt = performance.now();
    await a.stop('SIGKILL');
    await untilServed(b);
    expect(performance.now() - killedAt).toBeLessThan(ttl + slack);
    expect(await get(b)).toMatchObject({ status: 200, body: 'old' });
    await expectNothingHalf();
  });

  /** A request to the peer is let in. */
  async function untilServed(peer: PeerProcess): Promise<void> {
    await until(`${peer.name} to serve`, async () => {
      return (await peer.status()).served.includes('v');
    });
  }

  async function tokenAt(peer: PeerProcess): Promise<number> {
    return Number((await peer.status()).leases?.tokens['v']);
  }

  /** The files in the directories that changes go through. */
  async function staged(): Promise<number> {
    const fence = join(running.folder, 'data/v/.volumed-fence');
    const names = await readdir(fence, { recursive: true });
    return names.filter((name) => name.includes('/')).length;
  }

  /** Neither in the volume nor in what its holders leave behind. */
  async function expectNothingHalf(): Promise<void> {
    const folder = join(running.folder, 'data/v');
    const entries = await readdir(folder, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isFile())) {
      const content = await readFile(join(folder, name), 'utf8');
      expect(content).not.toContain('late');
    }
    expect(await staged()).toBe(0);
  }
});

function get({ options }: PeerProcess) {
  return rawRequest(options.port, 'GET', file);
}

function ready({ options }: PeerProcess) {
  return rawRequest(options.port, 'GET', '/ready');
}

function put({ options }: PeerProcess, body: string) {
  return rawRequest(options.port, 'PUT', file, { body });
}

/** @throws Error when it takes too long */
async function until(
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`);
    await wait(10);
  }
}

/** Uploads one file after the other, each of another name. */
class Uploads {
  /** What was acknowledged. */
  readonly stored = new Map<string, string>();
  readonly failures: string[] = [];
  private isOver = false;
  private running: Promise<void> | undefined;

  constructor(private readonly client: VolumeClient) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async run(): Promise<void> {
    for (let index = 0; !this.isOver; index++) {
      const path = `/volumes/v/upload-${index}`;
      const content = `content of ${index}`;
      const { status } = await this.client.send('PUT', path, content);
      if (status === 201) this.stored.set(path, content);
      else this.failures.push(`${path}: ${status}`);
    }
  }
}
