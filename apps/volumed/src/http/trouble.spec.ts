import { Logger } from '@nestjs/common';
import type { ReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OpenedFile, STAGING_NAME } from '../storage/index.js';
import { PinnedDirectory } from '../storage/pinned-directory.js';
import { StagedFile, Staging } from '../storage/staging.js';
import { TestVolume } from './testing/test-volume.js';

let volume: TestVolume;
let lines: string[];

beforeEach(async () => {
  volume = await TestVolume.open();
  lines = [];
  const error = vi.spyOn(Logger.prototype, 'error');
  error.mockImplementation((line: unknown) => void lines.push(String(line)));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await volume.close();
});

/** What the operating system says, as Node tells it. */
function saying(code: string, syscall: string): Error {
  const message = `${code}: no luck, ${syscall} '/proc/self/fd/9/f'`;
  return Object.assign(new Error(message), { code, syscall });
}

const put = () => volume.request('PUT', '/volumes/v/f', { body: 'content' });

test.each([
  ['EACCES', 403, 'access-denied'],
  ['EPERM', 403, 'access-denied'],
  ['EROFS', 403, 'access-denied'],
  ['EXDEV', 409, 'other-file-system'],
  ['ENOSPC', 507, 'storage-full'],
  ['EDQUOT', 507, 'storage-full'],
  ['EMLINK', 507, 'storage-full'],
  ['EMFILE', 503, 'storage-busy'],
  ['ENFILE', 503, 'storage-busy'],
  ['ENOMEM', 503, 'storage-busy'],
  ['EIO', 500, 'internal'],
  ['ESTALE', 500, 'internal'],
])(
  '%s is answered with %i and told in one line (F156)',
  async (code, status, error) => {
    const publish = vi.spyOn(StagedFile.prototype, 'publish');
    publish.mockRejectedValue(saying(code, 'rename'));
    const answer = await put();
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error });
    expect(answer.headers['retry-after']).toBe(
      status === 503 ? '1' : undefined,
    );
    expect(answer.body).not.toContain('/proc');
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^PUT /volumes/v/f: [\\w\\s-]+: ${code} in rename$`),
      ),
    ]);
    expect(await readdir(`${volume.root}/${STAGING_NAME}`)).toEqual([]);
  },
);

test('what is told of a request has neither its query nor a password before its host (F156)', async () => {
  const publish = vi.spyOn(StagedFile.prototype, 'publish');
  publish.mockRejectedValue(saying('EIO', 'rename'));
  const target = 'http://me:secret@any.host/volumes/v/f?secret=1';
  await volume.request('PUT', target, { body: 'content' });
  expect(lines).toEqual([expect.stringMatching(/^PUT \/volumes\/v\/f: /)]);
  expect(lines[0]).not.toContain('secret');
});

test.each([
  ['GET', 403],
  ['HEAD', 403],
  ['DELETE', 403],
  ['PUT', 403],
])(
  '%s where the server may not look is answered with %i (F156)',
  async (method, status) => {
    await volume.request('PUT', '/volumes/v/d/f', { body: 'content' });
    const open = vi.spyOn(PinnedDirectory, 'open');
    open.mockRejectedValue(saying('EACCES', 'open'));
    const body = method === 'PUT' ? 'content' : '';
    const path = method === 'PUT' || method === 'DELETE' ? 'd/f' : 'd/';
    const answer = await volume.request(method, `/volumes/v/${path}`, { body });
    expect([answer.status, lines.length]).toEqual([status, 1]);
  },
);

test('the same trouble again and again is a line now and then, which says how many were left out (F156)', async () => {
  const now = vi.spyOn(performance, 'now');
  const start = performance.now();
  const create = vi.spyOn(Staging.prototype, 'create');
  create.mockRejectedValue(saying('ENOSPC', 'open'));
  now.mockReturnValue(start);
  for (let i = 0; i < 100; i++) await put();
  expect(lines).toHaveLength(1);
  create.mockRejectedValue(saying('EROFS', 'open'));
  await put();
  expect(lines).toHaveLength(2);
  now.mockReturnValue(start + 60_000);
  create.mockRejectedValue(saying('ENOSPC', 'open'));
  for (let i = 0; i < 100; i++) await put();
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(/ENOSPC in open \(99 more untold\)$/);
});

test('a mistake of our own is one line, which says where (F156)', async () => {
  const create = vi.spyOn(Staging.prototype, 'create');
  create.mockRejectedValue(new TypeError('a mistake\nof two lines'));
  for (let i = 0; i < 5; i++) expect((await put()).status).toBe(500);
  expect(lines).toEqual([
    expect.stringMatching(
      /^PUT \/volumes\/v\/f: TypeError: a mistake.+ at .+trouble\.spec/,
    ),
  ]);
  expect(lines[0]).not.toContain('\n');
});

test('a file that cannot be read on is cut, and told in one line (F156)', async () => {
  await writeFile(`${volume.root}/big`, Buffer.alloc(1_000_000, 'x'));
  const stream = vi.spyOn(OpenedFile.prototype, 'stream');
  stream.mockImplementation(
    () =>
      Readable.from(
        (function* () {
          yield Buffer.from('xxx');
          throw saying('EIO', 'read');
        })(),
      ) as ReadStream,
  );
  const connection = await volume.connect();
  connection.send('GET /volumes/v/big HTTP/1.1\r\nHost: x\r\n\r\n');
  expect((await connection.closed()).length).toBeLessThan(1_000_000);
  expect(lines).toEqual([
    expect.stringMatching(/^GET \/volumes\/v\/big: .+: EIO in read$/),
  ]);
});

test('what a client did is no trouble of the server (F156)', async () => {
  await writeFile(`${volume.root}/big`, Buffer.alloc(32_000_000, 'x'));
  const connection = await volume.connect();
  connection.send('GET /volumes/v/big HTTP/1.1\r\nHost: x\r\n\r\n');
  await connection.next({ toHead: true });
  connection.socket.destroy();
  await volume.until(() => volume.server.log.length === 1);
  await volume.request('GET', '/volumes/v/none');
  await volume.request('DELETE', '/volumes/v/');
  await volume.request('PUT', '/volumes/v/f', {
    body: 'x',
    headers: { 'If-Match': '"other"' },
  });
  expect(lines).toEqual([]);
});

test.each(['gzip, chunked', 'identity, chunked', 'GZIP,chunked'])(
  'Transfer-Encoding: %s is refused with 501, and nothing is stored (F156)',
  async (coding) => {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const connection = await volume.connect();
      connection.send(
        `${method} /volumes/v/f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      );
      expect([method, (await connection.next()).status]).toEqual([method, 501]);
      connection.socket.destroy();
    }
    expect((await volume.request('GET', '/volumes/v/f')).status).toBe(404);
  },
);
