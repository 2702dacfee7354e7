import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import type { EtcdArguments } from './etcd-arguments.js';
import { UsageError } from './usage-error.js';

const etcdLibrary = vi.hoisted(() => ({
  isLoaded: vi.fn<() => void>(),
  given: vi.fn<(options: unknown) => string>(() => 'leases'),
}));

vi.mock('@nestjs-transitions/etcd', () => {
  etcdLibrary.isLoaded();
  return { etcdServingLeases: etcdLibrary.given };
});

const folder = mkdtempSync(join(tmpdir(), 'volumed-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain: EtcdArguments = {
  endpoints: ['a:1'],
  namespace: 'demo',
  ttl: 10,
};
const login = { name: 'peers' };
const environment = { VOLUMED_ETCD_PASSWORD: 'of the environment' };

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What the leases are made with. */
async function optionsOf(more: Partial<EtcdArguments>): Promise<unknown> {
  const { leasesOf } = await import('./leases.js');
  await leasesOf({ etcd: { ...plain, ...more } }, environment);
  return etcdLibrary.given.mock.lastCall?.[0];
}

it('what talks to etcd is loaded where leases are asked for, and only there', async () => {
  await import('./server.js');
  const { leasesOf } = await import('./leases.js');
  expect(await leasesOf({ etcd: undefined }, {})).toBeUndefined();
  expect(etcdLibrary.isLoaded).not.toHaveBeenCalled();
  expect(await leasesOf({ etcd: plain }, {})).toBe('leases');
  expect(etcdLibrary.isLoaded).toHaveBeenCalledOnce();
});

it('what leases in etcd would not take is a mistake of the command line', async () => {
  const problems = async (more: Partial<EtcdArguments>): Promise<string> => {
    const { etcdServingLeases } = await vi.importActual<
      typeof import('@nestjs-transitions/etcd')
    >('@nestjs-transitions/etcd');
    etcdLibrary.given.mockImplementationOnce((options) => {
      etcdServingLeases(options as never);
      return 'leases';
    });
    const refused: unknown = await optionsOf(more).catch((thrown) => thrown);
    expect(refused).toBeInstanceOf(UsageError);
    return (refused as UsageError).message;
  };
  const nothing = fileOf('nothing', 'no PEM');
  expect([
    await problems({ endpoints: ['a'] }),
    await problems({ namespace: 'a/' }),
    await problems({ tls: { ca: nothing } }),
    await problems({ tls: { cert: nothing, key: nothing } }),
  ]).toEqual([
    expect.stringMatching(/^--etcd: expected host and port.*, got 'a'$/),
    expect.stringMatching(/^--namespace: expected a name.*, got 'a\/'$/),
    '--etcd-ca: has no certificate in PEM',
    '--etcd-cert: has no certificate in PEM',
  ]);
});

it('certificates are read from their files, those that are named', async () => {
  expect(await optionsOf({})).toEqual(plain);
  expect(await optionsOf({ tls: {} })).toEqual({ ...plain, tls: {} });
  const files = {
    ca: fileOf('ca', 'the authority'),
    cert: fileOf('cert', 'we'),
    key: fileOf('key', 'our key'),
  };
  expect(await optionsOf({ tls: files })).toEqual({
    ...plain,
    tls: { ca: 'the authority', cert: 'we', key: 'our key' },
  });
});

it.each([
  ['of a file', ' of a file\n', ' of a file'],
  ['of a file of Windows', 'of a file\r\n', 'of a file'],
  ['of the environment', undefined, 'of the environment'],
])('the password is that %s', async (_which, content, password) => {
  const passwordFile = content && fileOf('password', content);
  const auth = { name: 'peers', password };
  expect(await optionsOf({ login: { ...login, passwordFile } })).toEqual({
    ...plain,
    auth,
  });
});

it('a file that cannot be read, and a password that is not there, are mistakes of the command line', async () => {
  const { leasesOf } = await import('./leases.js');
  for (const [more, message] of [
    // Where the password itself was given.
    [
      { login: { ...login, passwordFile: '/no/secret' } },
      /^--etcd-password-file: the file cannot be read \(ENOENT\)$/,
    ],
    [{ tls: { ca: '/nowhere' } }, /^--etcd-ca: ENOENT.*\/nowhere/],
    [{ login }, /^--etcd-user peers: expected a password, in VOLUMED_ETCD/],
    [
      { login: { ...login, passwordFile: fileOf('empty', '\n') } },
      /^--etcd-password-file .*empty: expected a password/,
    ],
  ] as const) {
    const leases = leasesOf({ etcd: { ...plain, ...more } }, {});
    await expect(leases).rejects.toThrow(UsageError);
    await expect(leases).rejects.toThrow(message);
  }
});
