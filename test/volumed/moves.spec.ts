import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Cluster } from 'volumed/demo';
import { RawConnection, rawRequest } from 'volumed/raw-http';
import {
  connectTo,
  head,
  TestCluster,
  untilAnswered,
} from './cluster.fixture.js';

const file = '/volumes/v/file';
const megabyte = 1024 * 1024;

let running: TestCluster;

beforeAll(async () => {
  running = await TestCluster.start();
});

beforeEach(async () => {
  const { cluster } = running;
  await cluster.handOver(cluster.withPrimaries({ g: 'a' }));
  await rawRequest(cluster.peer('a').options.port, 'DELETE', file);
});

afterAll(() => running[Symbol.asyncDispose]());

/** An upload whose first half has been sent. */
async function halfAnUpload(
  cluster: Cluster,
  content: Buffer,
): Promise<RawConnection> {
  const upload = await connectTo(cluster, 'a');
  upload.send(head('PUT', file, `Content-Length: ${content.byteLength}`));
  upload.socket.write(content.subarray(0, content.byteLength / 2));
  return upload;
}

async function at(cluster: Cluster, peer: string) {
  return rawRequest(cluster.peer(peer).options.port, 'GET', file);
}

/** Resolves when the volume at this peer lets no more requests in. */
async function draining(cluster: Cluster): Promise<RawConnection> {
  const connection = await connectTo(cluster, 'a');
  await untilAnswered(connection, '/volumes/v/none', 503);
  return connection;
}

it('a large upload in flight at the moment of a move is completed', async () => {
  const { cluster } = running;
  const content = randomBytes(16 * megabyte);
  const upload = await halfAnUpload(cluster, content);
  const move = cluster.handOver(cluster.withPrimaries({ g: 'b' }));
  (await draining(cluster)).socket.destroy();
  upload.socket.write(content.subarray(content.byteLength / 2));
  expect((await upload.next()).status).toBe(201);
  await move;
  const answer = await at(cluster, 'b');
  expect(answer.status).toBe(200);
  expect(hashOf(Buffer.from(answer.body, 'latin1'))).toBe(hashOf(content));
  upload.socket.destroy();
});

it('a large upload that outlasts the drain timeout is refused, and nothing of it is there', async () => {
  await using impatient = await TestCluster.start({
    args: ['--drain-timeout', '200'],
  });
  const { cluster } = impatient;
  const before = await connectTo(cluster, 'a');
  before.send(head('PUT', file, 'Content-Length: 3')).send('old');
  expect((await before.next()).status).toBe(201);
  const upload = await halfAnUpload(cluster, randomBytes(16 * megabyte));
  await cluster.handOver(cluster.withPrimaries({ g: 'b' }));
  const refused = await upload.next();
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect(await at(cluster, 'b')).toMatchObject({ status: 200, body: 'old' });
  expect(await cluster.peer('a').log()).toMatch(
    /Volume v is taken away: 1 inside had not left after 200 ms/,
  );
  upload.socket.destroy();
  before.socket.destroy();
});

it('a connection is kept alive before, while and after its volume drains', async () => {
  const { cluster } = running;
  const upload = await halfAnUpload(cluster, Buffer.alloc(100, 'x'));
  const connection = await connectTo(cluster, 'a');
  await untilAnswered(connection, '/volumes/v/none', 404);
  const move = cluster.handOver(cluster.withPrimaries({ g: 'b' }));
  await untilAnswered(connection, '/volumes/v/none', 503);
  upload.socket.write(Buffer.alloc(50, 'x'));
  await move;
  connection.send(head('GET', `${file}?a=b`));
  const redirected = await connection.next();
  expect(redirected.status).toBe(307);
  expect(redirected.headers['location']).toBe(
    `${cluster.peer('b').url}${file}?a=b&sent-on`,
  );
  expect(connection.failure).toBeUndefined();
  upload.socket.destroy();
  connection.socket.destroy();
});

it('requests that are pipelined while a volume drains are answered in order, each with its own answer', async () => {
  const { cluster } = running;
  const content = Buffer.alloc(megabyte, 'x');
  const upload = await halfAnUpload(cluster, content);
  const move = cluster.handOver(cluster.withPrimaries({ g: 'b' }));
  const other = await draining(cluster);
  // One request behind the upload on the same connection, and one on another.
  upload.socket.write(content.subarray(content.byteLength / 2));
  upload.send(head('GET', file).repeat(2) + head('GET', '/ready'));
  other.send(
    head('GET', file) +
      head('PUT', file, 'Content-Length: 4') +
      'late' +
      head('GET', '/ready'),
  );
  const behind = [201, 503, 503, 200];
  for (const status of behind) {
    const answer = await upload.next();
    // The move may be over when their turn comes.
    expect([status, status === 503 ? 307 : status]).toContain(answer.status);
  }
  expect((await other.next()).status).toBe(503);
  expect((await other.next()).status).toBe(503);
  expect((await other.next()).status).toBe(200);
  await move;
  expect((await at(cluster, 'b')).body).toBe(content.toString());
  upload.socket.destroy();
  other.socket.destroy();
});

it('while one peer has heard of a move and the other has not, no request is sent round in a circle (F161)', async () => {
  const { cluster } = running;
  const [a, b] = [cluster.peer('a'), cluster.peer('b')];
  await cluster.write(cluster.withPrimaries({ g: 'b' }));
  await a.reload();
  const sentOn = await at(cluster, 'a');
  expect(sentOn.status).toBe(307);
  const location = new URL(sentOn.headers['location'] ?? '');
  expect(location.origin).toBe(b.url);
  const { pathname, search, port } = location;
  const answer = await rawRequest(Number(port), 'GET', pathname + search);
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  await b.reload();
  const served = await rawRequest(Number(port), 'GET', pathname + search);
  expect(served.status).toBe(404);
});

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
