import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestVolume } from './testing/test-volume.js';

const SECRET = 'outside of the volume';
let volume: TestVolume;

beforeAll(async () => {
  volume = await TestVolume.open();
  await writeFile(join(volume.outside, 'secret'), SECRET);
  await mkdir(join(volume.outside, 'root-neighbour'));
  await writeFile(join(volume.outside, 'root-neighbour/secret'), SECRET);
  await mkdir(join(volume.root, 'a/b'), { recursive: true });
  await writeFile(join(volume.root, 'a/inside'), 'inside');
  await symlink('../secret', join(volume.root, 'link-to-file'));
  await symlink('..', join(volume.root, 'link-to-outside'));
  await symlink('../root-neighbour', join(volume.root, 'link-to-neighbour'));
  await symlink('/proc/self', join(volume.root, 'link-to-proc'));
  await symlink('loop', join(volume.root, 'loop'));
});

afterAll(() => volume.close());

const ups = [
  '..',
  '%2e%2e',
  '%2E%2E',
  '.%2e',
  '%2e.',
  '%252e%252e',
  '%25252e%25252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%uff0e%uff0e',
  '%ef%bc%8e%ef%bc%8e',
  '..%00',
  '%00..',
  '..;',
  '..%20',
  '....',
  '...',
  '.',
];
const slashes = [
  '/',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  '//',
  '%252f',
  '%c0%af',
  '/./',
  '%2f%2f',
];
const spellings = [
  ...ups.flatMap((up) => slashes.map((slash) => `${up}${slash}secret`)),
  ...ups.map((up) => `a/b/${up}/${up}/${up}/secret`),
  ...ups.map((up) => `a/${up}%2f${up}%2fsecret`),
  '/secret',
  '//secret',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  '//etc/passwd',
  'file:///etc/passwd',
  'C:%5cwindows',
  'secret%00.txt',
  '%00',
  'a%00/../../secret',
  '%',
  '%2',
  '%zz',
  '%ff',
  '%ed%a0%80',
  '../root-neighbour/secret',
  '%2e%2e%2froot-neighbour%2fsecret',
  '..root-neighbour/secret',
  'link-to-file',
  'link-to-file/',
  'link-to-outside/secret',
  'link-to-outside/root/a/inside/../../../secret',
  'link-to-neighbour/secret',
  'link-to-neighbour/',
  'link-to-proc/environ',
  'link-to-proc/root/etc/passwd',
  'link-to-proc/cwd/package.json',
  'loop',
  'loop/secret',
  '.volumed-staging',
  '.volumed-staging/',
  '.volumed-staging/secret',
  '%2evolumed-staging/secret',
];

/** Everything outside of the volume, name by name. */
const outside = async (): Promise<string[]> =>
  [
    ...(await readdir(volume.outside)),
    ...(await readdir(join(volume.outside, 'root-neighbour'))),
  ].sort();

const leaks = (body: string): boolean =>
  body.includes(SECRET) || body.includes('root:') || body.includes('PATH=');

test.each(spellings)('%s leads nowhere outside', async (spelling) => {
  const target = `/volumes/v/${spelling}`;
  const before = await outside();
  const reads: number[] = [];
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const body = method === 'PUT' ? 'overwritten' : '';
    const answer = await volume.request(method, target, { body });
    expect(leaks(answer.body)).toBe(false);
    expect(answer.body).not.toContain(volume.outside);
    if (method === 'GET' || method === 'HEAD') reads.push(answer.status);
  }
  expect(Math.min(...reads)).toBeGreaterThanOrEqual(400);
  expect(await outside()).toEqual(before);
  expect(await readFile(join(volume.outside, 'secret'), 'utf8')).toBe(SECRET);
});

test('there are more than a hundred spellings', () => {
  expect(new Set(spellings).size).toBeGreaterThan(100);
});

test('the same file is reached by a path that leads to it without detours', async () => {
  const answer = await volume.request('GET', '/volumes/v/a/inside');
  expect([answer.status, answer.body]).toEqual([200, 'inside']);
});

test('a name that looks encoded after decoding is a literal name', async () => {
  const target = '/volumes/v/literal/%252e%252e';
  await volume.request('PUT', target, { body: 'literal' });
  expect((await volume.request('GET', target)).body).toBe('literal');
  expect(await readdir(join(volume.root, 'literal'))).toEqual(['%2e%2e']);
});

test('no sequence of path pieces leads outside', async () => {
  const piece = fc.constantFrom(
    ...ups,
    ...slashes,
    'a',
    'b',
    'secret',
    'root-neighbour',
    'link-to-outside',
    'link-to-neighbour',
    '',
  );
  const before = await outside();
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.constantFrom('GET', 'PUT', 'DELETE'),
      async (pieces, method) => {
        const target = `/volumes/v/${pieces.join('')}`;
        const body = method === 'PUT' ? 'overwritten' : '';
        const answer = await volume.request(method, target, { body });
        expect(leaks(answer.body)).toBe(false);
        expect(answer.status).toBeLessThan(500);
      },
    ),
    { numRuns: 300 },
  );
  expect(await outside()).toEqual(before);
  expect(await readFile(join(volume.outside, 'secret'), 'utf8')).toBe(SECRET);
});
