import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestVolume } from './testing/test-volume.js';

const BIG = 32 * 1024 * 1024;
let volume: TestVolume;

beforeEach(async () => {
  volume = await TestVolume.open({ options: { maxRequestsPerVolume: 2 } });
  await volume.request('PUT', '/volumes/v/ten', { body: '0123456789' });
  await writeFile(join(volume.root, 'big'), Buffer.alloc(BIG, 'x'));
});

afterEach(() => volume.close());

const GET_BIG = 'GET /volumes/v/big HTTP/1.1\r\nHost: x\r\n\r\n';
const get = (headers: Record<string, string>, name = 'ten') =>
  volume.request('GET', `/volumes/v/${name}`, { headers });
const passesGone = (): Promise<void> =>
  volume.until(() => volume.server.passes() === 0);

/** A connection with the answer begun and never read, so that sending stalls. */
async function stalledDownload() {
  const connection = await volume.connect();
  await connection.send(GET_BIG).next({ toHead: true });
  connection.socket.pause();
  return connection;
}

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=3-5', '345', 'bytes 3-5/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99', '56789', 'bytes 5-9/10'],
])('Range %s is answered with 206 and %s', async (range, body, part) => {
  const answer = await get({ Range: range });
  expect([answer.status, answer.body]).toEqual([206, body]);
  expect(answer.headers['content-range']).toBe(part);
});

test('a range behind the end is answered with 416 and the size', async () => {
  const answer = await get({ Range: 'bytes=10-' });
  expect(answer.status).toBe(416);
  expect(answer.headers['content-range']).toBe('bytes */10');
  expect(answer.headers).not.toHaveProperty('etag');
  expect(JSON.parse(answer.body)).toMatchObject({
    error: 'range-not-satisfiable',
  });
});

test('HEAD ignores Range', async () => {
  const answer = await volume.request('HEAD', '/volumes/v/ten', {
    headers: { Range: 'bytes=0-1' },
  });
  expect([answer.status, answer.headers['content-length']]).toEqual([
    200,
    '10',
  ]);
});

test('an empty file is served, whole, whatever the range', async () => {
  await volume.request('PUT', '/volumes/v/empty', {
    headers: { 'Content-Length': '0' },
  });
  for (const range of ['bytes=0-', 'bytes=-1', '']) {
    const answer = await get({ Range: range }, 'empty');
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers['content-length']).toBe('0');
  }
});

test('a range of a large file is streamed from its place', async () => {
  const start = BIG - 300_000;
  await writeFile(join(volume.root, 'big'), Buffer.alloc(BIG, 'ab'));
  const answer = await get({ Range: `bytes=${start}-` }, 'big');
  expect(answer.status).toBe(206);
  expect(answer.body).toBe('ab'.repeat(150_000));
});

test('the tag of a file gives 304 while it lasts, 200 after a change, and If-Range likewise', async () => {
  const etag = (await get({})).headers['etag'] ?? '';
  const unchanged = await get({ 'If-None-Match': etag });
  const part = await get({ Range: 'bytes=0-1', 'If-Range': etag });
  await volume.request('PUT', '/volumes/v/ten', { body: '0123456789' });
  const changed = await get({ 'If-None-Match': etag });
  const whole = await get({ Range: 'bytes=0-1', 'If-Range': etag });
  const failed = await get({ 'If-Match': etag });
  expect(
    [unchanged, part, changed, whole, failed].map(({ status }) => status),
  ).toEqual([304, 206, 200, 200, 412]);
  expect(unchanged.headers).toMatchObject({ etag });
  expect(unchanged.headers).not.toHaveProperty('content-length');
  expect(failed.headers).not.toHaveProperty('etag');
});

test('a date gives 304 while nothing changed', async () => {
  const modified = (await get({})).headers['last-modified'] ?? '';
  const answer = await get({ 'If-Modified-Since': modified });
  expect(answer.status).toBe(304);
});

test('no two versions of a file share a tag, however fast they follow', async () => {
  const tags = new Set<string>();
  const connection = await volume.connect();
  for (let i = 0; i < 200; i += 1) {
    connection.send(
      `PUT /volumes/v/ten HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n${100 + i}`,
    );
    tags.add((await connection.next()).headers['etag'] ?? '');
  }
  expect(tags.size).toBe(200);
  connection.socket.destroy();
});

test('a download whose client goes away gives its pass back', async () => {
  const connection = await stalledDownload();
  connection.socket.destroy();
  await passesGone();
  await volume.until(() => volume.server.log.length === 2);
  const entry = volume.server.log[1];
  expect(entry).toMatchObject({ status: 200, aborted: true });
  expect(entry?.bytes).toBeLessThan(BIG);
});

test('requests that wait behind others are given up with their connection', async () => {
  const connection = await volume.connect();
  connection.send(GET_BIG + GET_BIG.replace('big', 'ten'));
  await connection.next({ toHead: true });
  connection.socket.pause();
  expect(volume.server.passes()).toBe(1);
  connection.socket.destroy();
  await volume.until(() => volume.server.log.length === 3);
  const statusOf = (path: string) =>
    volume.server.log.findLast((entry) => entry.path === path)?.status;
  expect(statusOf('/volumes/v/big')).toBe(200);
  expect(statusOf('/volumes/v/ten')).toBe(499);
  await passesGone();
});

test('a download from a volume that is taken away is cut', async () => {
  const connection = await stalledDownload();
  volume.server.takeAway();
  await passesGone();
  connection.socket.resume();
  expect((await connection.closed()).length).toBeLessThan(BIG);
});

test.each(['ten', 'big'])(
  'a download of %s from a volume that is taken away before the first byte is refused or cut',
  async (name) => {
    const connection = await volume.connect();
    connection.send(`GET /volumes/v/${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await volume.until(() => volume.server.passes() > 0);
    volume.server.takeAway();
    const status = await connection.next().then(
      (answer) => answer.status,
      () => 'cut',
    );
    expect([503, 'cut']).toContain(status);
    await passesGone();
    connection.socket.destroy();
  },
);

test('a file that becomes shorter while it is sent does not pass for whole', async () => {
  const connection = await stalledDownload();
  await truncate(join(volume.root, 'big'), 1);
  connection.socket.resume();
  expect((await connection.closed()).length).toBeLessThan(BIG);
  await passesGone();
});

test('more requests in flight than a volume may have are refused with 503, and taken again later', async () => {
  const stalled = [await stalledDownload(), await stalledDownload()];
  await volume.until(() => volume.server.passes() === 2);
  const refused = await get({});
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  stalled.forEach(({ socket }) => socket.destroy());
  await passesGone();
  expect((await get({})).status).toBe(200);
});

test.each([
  ['page.html', 'text/html; charset=utf-8'],
  ['image.svg', 'image/svg+xml'],
  ['x.constructor', 'application/octet-stream'],
  ['x.__proto__', 'application/octet-stream'],
  ['noextension', 'application/octet-stream'],
  ['.html', 'application/octet-stream'],
])('%s is sent as %s', async (name, type) => {
  await volume.request('PUT', `/volumes/v/${name}`, { body: 'x' });
  expect((await get({}, name)).headers['content-type']).toBe(type);
});
