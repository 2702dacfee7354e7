import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STAGING_NAME, VolumeDirectory } from '../storage/index.js';
import { rawRequest } from './testing/raw-http.js';
import {
  startVolumesServer,
  type VolumesTestServer,
} from './testing/volumes-test-server.js';

let root: string;
let directory: VolumeDirectory;
let server: VolumesTestServer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'volumes-http-'));
  directory = await VolumeDirectory.open(root);
  server = await startVolumesServer({
    directory,
    routes: {
      far: {
        kind: 'elsewhere',
        peer: 'Peer2',
        url: new URL('http://127.0.0.2:8000/'),
      },
      moving: {
        kind: 'unavailable',
        retryAfterSeconds: 2.5,
        reason: 'it is moving to another server',
      },
    },
    options: { maxFileBytes: 1000 },
  });
});

afterEach(async () => {
  await server.close();
  await directory.close();
  await rm(root, { recursive: true });
});

const request = (
  method: string,
  target: string,
  options?: Parameters<typeof rawRequest>[3],
) => rawRequest(server.port, method, target, options);

test('a new file is created with 201, replaced with 204, read back, and gone after DELETE', async () => {
  const created = await request('PUT', '/volumes/v/a/b/c.txt', { body: 'one' });
  const replaced = await request('PUT', '/volumes/v/a/b/c.txt', {
    body: 'two',
  });
  const read = await request('GET', '/volumes/v/a/b/c.txt');
  const removed = await request('DELETE', '/volumes/v/a/b/c.txt');
  const missing = await request('GET', '/volumes/v/a/b/c.txt');
  const statuses = [created, replaced, read, removed, missing];
  expect(statuses.map(({ status }) => status)).toEqual([
    201, 204, 200, 204, 404,
  ]);
  expect(read.body).toBe('two');
  expect(read.headers).toMatchObject({
    etag: replaced.headers['etag'],
    'content-type': 'text/plain; charset=utf-8',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': 'sandbox',
  });
});

test('HEAD has the headers of GET and no body', async () => {
  await request('PUT', '/volumes/v/f.json', { body: '{"a":1}' });
  const { headers: ofGet } = await request('GET', '/volumes/v/f.json');
  const head = await request('HEAD', '/volumes/v/f.json');
  const { date: _1, ...expected } = ofGet;
  const { date: _2, ...got } = head.headers;
  expect(got).toEqual(expected);
  expect(head.body).toBe('');
});

test('a volume of another peer is answered with 307, path and query kept byte for byte', async () => {
  const answer = await request('PUT', '/volumes/far/a%2Db//c?x=%20y&z', {
    body: 'content',
  });
  expect(answer.status).toBe(307);
  expect(answer.headers['location']).toBe(
    'http://127.0.0.2:8000/volumes/far/a%2Db//c?x=%20y&z',
  );
});

test('a volume between servers is answered with 503 and when to try again', async () => {
  const answer = await request('GET', '/volumes/moving/x');
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('3');
  expect(JSON.parse(answer.body)).toEqual({
    error: 'unavailable',
    message: 'the volume is not available: it is moving to another server',
  });
});

test('an unknown volume, and none at all, are answered with 404', async () => {
  for (const target of [
    '/volumes/nope/x',
    '/volumes',
    '/volumes/',
    '/volumes//x',
  ]) {
    const answer = await request('GET', target);
    expect([target, answer.status]).toEqual([target, 404]);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'unknown-volume' });
  }
});

test('other methods are answered with 405 and the list of those allowed', async () => {
  for (const method of ['POST', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const answer = await request(method, '/volumes/v/x');
    expect([method, answer.status]).toEqual([method, 405]);
    expect(answer.headers['allow']).toBe('GET, HEAD, PUT, DELETE');
  }
});

test('a directory is listed by name, without unfinished uploads', async () => {
  await request('PUT', '/volumes/v/b.txt', { body: 'bb' });
  await request('PUT', '/volumes/v/a/x', { body: 'x' });
  const { status, body } = await request('GET', '/volumes/v/');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    entries: [
      { name: 'a', type: 'directory', size: 0 },
      { name: 'b.txt', type: 'file', size: 2 },
    ],
    truncated: false,
  });
  expect(await readdir(root)).toContain(STAGING_NAME);
});
