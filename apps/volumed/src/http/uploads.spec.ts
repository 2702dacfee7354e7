import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STAGING_NAME } from '../storage/index.js';
import { TestVolume } from './testing/test-volume.js';

const KIB = 1024;
let volume: TestVolume;

beforeEach(async () => {
  volume = await TestVolume.open({
    options: { maxFileBytes: 200 * KIB },
    routes: {
      far: {
        kind: 'elsewhere',
        peer: 'b',
        url: new URL('http://127.0.0.2:8000/'),
      },
      moving: {
        kind: 'unavailable',
        retryAfterSeconds: 1,
        reason: 'it is moving',
      },
    },
  });
  await volume.request('PUT', '/volumes/v/f', { body: 'old' });
});

afterEach(() => volume.close());

const stored = (): Promise<string> => readFile(join(volume.root, 'f'), 'utf8');
const staged = (): Promise<string[]> =>
  readdir(join(volume.root, STAGING_NAME));
const uploadBegan = (): Promise<void> =>
  volume.until(async () => (await staged()).length === 1);
const nothingLeft = (): Promise<void> =>
  volume.until(
    async () => (await staged()).length === 0 && volume.server.passes() === 0,
  );

const chunk = (text: string): string =>
  `${text.length.toString(16)}\r\n${text}\r\n`;
const head = (method: string, target: string, ...headers: string[]): string =>
  [`${method} ${target} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
const LAST_CHUNK = '0\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked';

test.each([
  ['fewer bytes than announced', 'Content-Length: 100', 'half'],
  ['no last chunk', CHUNKED, chunk('half')],
  ['half a chunk', CHUNKED, '64\r\nhalf'],
  ['a chunk that is none', CHUNKED, `${chunk('half')}zz\r\n`],
])('an upload of %s leaves nothing', async (_name, header, body) => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', header)).send(body);
  await uploadBegan();
  connection.socket.destroy();
  await nothingLeft();
  expect(await stored()).toBe('old');
});

test('an upload that ends early makes no directories', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/new/deep/f', 'Content-Length: 9'));
  await uploadBegan();
  connection.socket.destroy();
  await nothingLeft();
  expect(await readdir(volume.root)).not.toContain('new');
});

test('an upload in chunks is stored whole', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', CHUNKED));
  connection.send(chunk('one ') + chunk('two') + LAST_CHUNK);
  expect((await connection.next()).status).toBe(204);
  expect(await stored()).toBe('one two');
  connection.socket.destroy();
});

test('a file in the making is not seen before its last byte', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', 'Content-Length: 4')).send('ne');
  await uploadBegan();
  expect((await volume.request('GET', '/volumes/v/f')).body).toBe('old');
  connection.send('w!');
  expect((await connection.next()).status).toBe(204);
  expect((await volume.request('GET', '/volumes/v/f')).body).toBe('new!');
  connection.socket.destroy();
});

test('an upload announced too large is refused with 413 before it is stored, and the answer arrives', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', `Content-Length: ${3000 * KIB}`));
  connection.send('x'.repeat(3000 * KIB));
  const answer = await connection.next();
  expect(answer.status).toBe(413);
  expect(answer.headers['connection']).toBe('close');
  await connection.closed();
  expect(connection.failure).toBeUndefined();
  expect(await stored()).toBe('old');
});

const MANY = 20_000 * KIB;
const MANY_IN_CHUNKS = `${chunk('x'.repeat(MANY))}${LAST_CHUNK}`;

test.each([
  ['another peer', 307, '/volumes/far/f', `Content-Length: ${MANY}`],
  ['a volume that drains', 503, '/volumes/moving/f', `Content-Length: ${MANY}`],
  ['a volume that drains', 503, '/volumes/moving/f', CHUNKED],
  ['too large a file', 413, '/volumes/v/f', `Content-Length: ${MANY}`],
  ['too large a file', 413, '/volumes/v/f', CHUNKED],
  ['no volume', 404, '/volumes/none/f', CHUNKED],
  ['no method', 405, '/volumes/v/f', CHUNKED, 'POST'],
])(
  'a client that sends 20 MB before it reads gets its answer: %s, %i (F173)',
  async (_what, status, target, header, method = 'PUT') => {
    const connection = await volume.connect();
    const { socket } = connection;
    socket.pause();
    const body = header === CHUNKED ? MANY_IN_CHUNKS : 'x'.repeat(MANY);
    await new Promise<unknown>((resolve) => {
      socket.write(head(method, target, header) + body, 'latin1', resolve);
    });
    socket.resume();
    expect((await connection.next()).status).toBe(status);
    await connection.closed();
    expect(connection.failure).toBeUndefined();
  },
);

test('a client that goes on sending without an end is cut after its answer (F173)', async () => {
  const connection = await volume.connect();
  const { socket } = connection;
  socket.write(head('PUT', '/volumes/far/f', CHUNKED));
  let sent = 0;
  const block = chunk('x'.repeat(1000 * KIB));
  const more = (): void => {
    while (!socket.destroyed && socket.write(block)) sent += block.length;
    sent += block.length;
  };
  socket.on('drain', more);
  more();
  expect((await connection.next()).status).toBe(307);
  await connection.closed();
  expect(sent).toBeLessThan(200_000 * KIB);
});

test('an upload in chunks is refused with 413 as soon as it is too large', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', CHUNKED));
  connection.send(chunk('x'.repeat(300 * KIB)));
  const answer = await connection.next();
  expect(answer.status).toBe(413);
  expect(answer.headers['connection']).toBe('close');
  expect(await staged()).toEqual([]);
  await connection.closed();
  expect(await stored()).toBe('old');
});

test('an upload of exactly the largest size is stored', async () => {
  const body = 'x'.repeat(200 * KIB);
  const answer = await volume.request('PUT', '/volumes/v/f', { body });
  expect(answer.status).toBe(204);
  expect(await stored()).toBe(body);
});

test('the connection goes on after every refusal of a small upload', async () => {
  const connection = await volume.connect();
  const refusals: [string, number, ...string[]][] = [
    ['/volumes/nope/f', 404],
    ['/volumes/v/../f', 400],
    ['/volumes/v/f/below', 409],
    ['/volumes/v/f', 412, 'If-Match: "other"'],
    ['/volumes/v/f', 412, 'If-None-Match: *'],
    ['/volumes/v/f', 400, 'Content-Range: bytes 0-2/5'],
    ['/volumes/v/f', 415, 'Content-Encoding: gzip'],
  ];
  for (const [target, status, ...headers] of refusals) {
    const text = head('PUT', target, 'Content-Length: 3', ...headers);
    connection.send(text).send('new');
    expect([target, (await connection.next()).status]).toEqual([
      target,
      status,
    ]);
  }
  connection.send(head('GET', '/volumes/v/f'));
  expect((await connection.next()).body).toBe('old');
  connection.socket.destroy();
});

test('pipelined requests take effect in their order', async () => {
  const connection = await volume.connect();
  const put = (body: string): string =>
    head('PUT', '/volumes/v/p', `Content-Length: ${body.length}`) + body;
  connection.send(
    put('1') +
      head('GET', '/volumes/v/p') +
      put('22') +
      head('GET', '/volumes/v/p') +
      head('DELETE', '/volumes/v/p') +
      head('GET', '/volumes/v/p'),
  );
  const answers: [number, string][] = [];
  for (let i = 0; i < 6; i += 1) {
    const { status, body } = await connection.next();
    answers.push([status, status === 404 ? '' : body]);
  }
  expect(answers).toEqual([
    [201, ''],
    [200, '1'],
    [204, ''],
    [200, '22'],
    [204, ''],
    [404, ''],
  ]);
  connection.socket.destroy();
});

test('an upload is invited with 100 only when it is wanted', async () => {
  const expectation = ['Content-Length: 3', 'Expect: 100-continue'];
  const wanted = await volume.connect();
  wanted.send(head('PUT', '/volumes/v/f', ...expectation));
  expect((await wanted.next()).status).toBe(100);
  wanted.send('new');
  expect((await wanted.next()).status).toBe(204);
  wanted.socket.destroy();

  const refused = await volume.connect();
  refused.send(head('PUT', '/volumes/nope/f', ...expectation));
  const answer = await refused.next();
  expect(answer.status).toBe(404);
  expect(answer.headers['connection']).toBe('close');
  refused.socket.destroy();
});

test('an upload to a volume that is taken away is refused with 503 and leaves nothing', async () => {
  const connection = await volume.connect();
  connection.send(head('PUT', '/volumes/v/f', 'Content-Length: 9')).send('ha');
  await uploadBegan();
  volume.server.takeAway();
  const answer = await connection.next();
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  connection.socket.destroy();
  await nothingLeft();
  expect(await stored()).toBe('old');
});

test('of uploads that each expect the same version exactly one is stored', async () => {
  const { headers } = await volume.request('HEAD', '/volumes/v/f');
  const etag = headers['etag'] ?? '';
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((body) =>
      volume.request('PUT', '/volumes/v/f', {
        body,
        headers: { 'If-Match': etag },
      }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
  expect(statuses).toEqual([204, 412, 412, 412, 412, 412, 412, 412]);
});

test('of uploads that each expect nothing there exactly one is stored', async () => {
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((body) =>
      volume.request('PUT', '/volumes/v/x/y', {
        body,
        headers: { 'If-None-Match': '*' },
      }),
    ),
  );
  const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
  expect(statuses).toEqual([201, 412, 412, 412]);
});

test('an upload that a body parser has eaten is refused, not stored empty', async () => {
  const careless = await TestVolume.open({ bodyParser: true });
  const answer = await careless.request('PUT', '/volumes/v/f', {
    body: '{}',
    headers: { 'Content-Type': 'application/json' },
  });
  expect(answer.status).toBe(500);
  expect((await careless.request('GET', '/volumes/v/f')).status).toBe(404);
  await careless.close();
});
