import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STAGING_NAME, VolumeDirectory } from '../storage/index.js';
import { TestVolume } from './testing/test-volume.js';

let volume: TestVolume;

beforeEach(async () => {
  volume = await TestVolume.open({
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
  });
});

afterEach(() => volume.close());

const request: TestVolume['request'] = (...args) => volume.request(...args);

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
    'http://127.0.0.2:8000/volumes/far/a%2Db//c?x=%20y&z&sent-on',
  );
});

test.each(['', '?', '?limit=1', '?a=b&limit=1'])(
  'a request that was sent on already is not sent on again, but told when to ask again: %s (F161)',
  async (query) => {
    const first = await request('GET', `/volumes/far/x/${query}`);
    expect(first.status).toBe(307);
    const { pathname, search } = new URL(first.headers['location'] ?? '');
    const second = await request('GET', pathname + search);
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
  },
);

test('a request that was sent on is answered where its volume is (F161)', async () => {
  await request('PUT', '/volumes/v/f?sent-on', { body: 'content' });
  expect((await request('GET', '/volumes/v/f?sent-on')).body).toBe('content');
  expect((await request('GET', '/volumes/v/?sent-on&limit=1')).status).toBe(
    200,
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
  expect(await readdir(volume.root)).toContain(STAGING_NAME);
});

test('a listing is cut at its limit and goes on after a name', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await request('PUT', `/volumes/v/dir/${name}`, { body: name });
  }
  const names: string[][] = [];
  for (let after = '', truncated = true; truncated;) {
    const page = await request('GET', `/volumes/v/dir?limit=2&after=${after}`);
    const listing = JSON.parse(page.body) as {
      entries: { name: string }[];
      truncated: boolean;
    };
    names.push(listing.entries.map(({ name }) => name));
    after = listing.entries.at(-1)?.name ?? '';
    truncated = listing.truncated;
  }
  expect(names).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('DELETE removes an empty directory, and refuses a full one and the root', async () => {
  await request('PUT', '/volumes/v/d/f', { body: 'x' });
  const statuses: number[] = [];
  for (const path of ['d', 'd/f', 'd/', 'd', '']) {
    const { status } = await request('DELETE', `/volumes/v/${path}`);
    statuses.push(status);
  }
  expect(statuses).toEqual([409, 204, 204, 404, 409]);
});

test.each([
  ['GET', 'file/below', 404],
  ['DELETE', 'file/below', 404],
  ['PUT', 'file/below', 409],
  ['GET', 'file/', 404],
  ['DELETE', 'file/', 404],
  ['PUT', 'file/', 409],
  ['PUT', 'directory', 409],
  ['PUT', '', 409],
  ['GET', 'x'.repeat(300), 400],
  ['PUT', 'x'.repeat(300), 400],
])('%s of %s is answered with %i', async (method, path, status) => {
  await request('PUT', '/volumes/v/file', { body: 'x' });
  await request('PUT', '/volumes/v/directory/file', { body: 'x' });
  const body = method === 'PUT' ? 'new' : '';
  const answer = await request(method, `/volumes/v/${path}`, { body });
  expect(answer.status).toBe(status);
  expect(Object.keys(JSON.parse(answer.body) as object)).toEqual([
    'error',
    'message',
  ]);
  expect(answer.body).not.toContain(volume.outside);
});

/** The date of a file as its readers get it. */
async function dateOf(path: string): Promise<string> {
  const { headers } = await request('HEAD', path);
  return headers['last-modified'] ?? '';
}

test.each([
  ['in the same second', 0],
  ['by a clock that was set back', 3600],
])(
  'who holds the date of an older version sees that there is a newer one, and does not overwrite it: %s (F155)',
  async (_when, secondsAhead) => {
    const path = '/volumes/v/f';
    await request('PUT', path, { body: 'one' });
    const ahead = Date.now() / 1000 + secondsAhead;
    await utimes(join(volume.root, 'f'), ahead, ahead);
    vi.useFakeTimers({ now: ahead * 1000, toFake: ['Date'] });
    const older = await dateOf(path);
    vi.useRealTimers();
    await request('PUT', path, { body: 'two' });
    const read = await request('GET', path, {
      headers: { 'If-Modified-Since': older },
    });
    const written = await request('PUT', path, {
      body: 'three',
      headers: { 'If-Unmodified-Since': older },
    });
    expect([read.status, read.body, written.status]).toEqual([200, 'two', 412]);
  },
);

test('a file that takes the place of a removed one has a later date (F155)', async () => {
  const path = '/volumes/v/f';
  await request('PUT', path, { body: 'one' });
  const older = await dateOf(path);
  await request('DELETE', path);
  await request('PUT', path, { body: 'two' });
  const read = await request('GET', path, {
    headers: { 'If-Modified-Since': older },
  });
  expect([read.status, read.body]).toEqual([200, 'two']);
});

test('a change whose volume is not held any more when it would become visible is put off, and changes nothing', async () => {
  await request('PUT', '/volumes/v/f', { body: 'one' });
  const connection = await volume.connect();
  connection
    .send(
      'PUT /volumes/v/f HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n',
    )
    .send('tw');
  await volume.until(async () => {
    const [name] = await readdir(join(volume.root, STAGING_NAME));
    return name !== undefined;
  });
  volume.server.lose();
  connection.send('o');
  const changes = [
    await connection.next(),
    await request('PUT', '/volumes/v/f', { body: 'three' }),
    await request('DELETE', '/volumes/v/f'),
    await request('DELETE', '/volumes/v/none'),
  ];
  for (const { status, headers } of changes) {
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  }
  // It was let in while the volume was held, and what it finds is what is stored.
  expect((await request('GET', '/volumes/v/f')).body).toBe('one');
  connection.socket.destroy();
});

test('a change by a former holder is put off', async () => {
  await volume.close();
  volume = await TestVolume.open({ token: 1n });
  const newer = await VolumeDirectory.open(volume.root, { token: 2n });
  const answer = await request('PUT', '/volumes/v/f', { body: 'late' });
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'volume-fenced' });
  expect(await readdir(volume.root)).not.toContain('f');
  await newer.close();
});

test('an absolute URL as target is understood', async () => {
  await request('PUT', '/volumes/v/f', { body: 'content' });
  const answer = await request('GET', 'http://any.host:1/volumes/v/f');
  expect([answer.status, answer.body]).toEqual([200, 'content']);
});

test('each request leaves one entry in the log', async () => {
  await request('PUT', '/volumes/v/f?secret=1', { body: 'content' });
  await request('GET', '/volumes/v/f');
  await request('HEAD', '/volumes/v/f');
  await request('GET', '/volumes/far/f');
  await request('GET', '/volumes/%ff/f');
  await request('GET', 'http://me:secret@any.host/volumes/v/f?secret=1');
  await volume.until(() => volume.server.log.length === 6);
  const entries = volume.server.log.map((entry) => {
    const { method, volume: name, path, status, bytes, peer } = entry;
    return [method, name, path, status, bytes > 20 ? 'error' : bytes, peer];
  });
  expect(entries).toEqual([
    ['PUT', 'v', '/volumes/v/f', 201, 7, null],
    ['GET', 'v', '/volumes/v/f', 200, 7, null],
    ['HEAD', 'v', '/volumes/v/f', 200, 0, null],
    ['GET', 'far', '/volumes/far/f', 307, 0, 'Peer2'],
    ['GET', null, '/volumes/%ff/f', 400, 'error', null],
    ['GET', 'v', '/volumes/v/f', 200, 7, null],
  ]);
});
