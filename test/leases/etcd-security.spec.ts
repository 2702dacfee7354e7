import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  etcdServingLeases,
  type EtcdServingLeasesOptions,
} from '@nestjs-transitions/etcd';
import type { ServingLeases } from 'nestjs-transitions/core';
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import { hasOpenssl, makeAuthority, makeCertificate } from './certificates.js';
import { askForLogin } from './etcd-login.js';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { claimed, free, heldIn, never } from './serving-leases.contract.js';

describe.skipIf(!hasEtcd)('an etcd that asks for a password', () => {
  let etcd: EtcdProcess;
  const auth = { name: 'peers', password: 'of the cluster' };

  beforeAll(async () => {
    etcd = await EtcdProcess.start(['--auth-token-ttl=1']);
    await askForLogin(etcd.gateway, auth, 'demo');
  });
  afterAll(() => etcd.stop());

  it('lets those in who know it, with a role for the namespace alone', async () => {
    const leases = open({ endpoints: [etcd.endpoint], auth });
    const session = await leases.openSession('A', never);
    const { revision } = await leases.list(never);
    const changes = leases.changes(revision, never)[Symbol.asyncIterator]();
    const { token } = await claimed(session, 'photos');
    expect(await changes.next()).toMatchObject({
      value: [{ volume: 'photos' }],
    });
    expect(await session.renew(never)).toBeDefined();
    await session.release([{ volume: 'photos', token, note: '' }], never);
    await session.end(never);
    expect(await heldIn(leases)).toEqual([]);
  });

  it('forgets who logged in, and nobody notices', async () => {
    const leases = open({ endpoints: [etcd.endpoint], auth });
    const session = await leases.openSession('A', never);
    for (let turn = 0; turn < 2; turn++) {
      // The token is good for a second.
      await new Promise((resolve) => {
        setTimeout(resolve, 1_600);
      });
      const calls = ['photos', 'music', 'films'].map((volume) =>
        session.claim([free(volume)], never),
      );
      await Promise.all(calls);
      expect(await heldIn(leases)).toHaveLength(3);
      expect(await session.renew(never)).toBeDefined();
    }
    await session.end(never);
  });

  it.each([
    [
      { ...auth, password: 'of another' },
      /authentication failed.*look at the name and the password/,
    ],
    [undefined, /user name.*etcd asks for a name and a password/],
  ])('tells %j why it may not', async (wrong, why) => {
    const options = wrong === undefined ? {} : { auth: wrong };
    const leases = open({ endpoints: [etcd.endpoint], ...options });
    await expect(leases.openSession('A', never)).rejects.toThrow(why);
    await expect(leases.list(never)).rejects.toThrow(why);
  });

  it('tells one whose role is for another namespace (F79)', async () => {
    const leases = open({
      endpoints: [etcd.endpoint],
      auth,
      namespace: 'other',
    });
    await expect(leases.openSession('A', never)).rejects.toThrow(
      /permission denied.*below the namespace/,
    );
  });
});

describe.skipIf(!hasEtcd || !hasOpenssl)('an etcd with TLS', () => {
  let etcd: EtcdProcess;
  let folder: string;

  const pem = (name: string): string =>
    readFileSync(join(folder, name), 'utf8');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'transitions-tls-'));
    makeAuthority(folder, 'ca');
    makeAuthority(folder, 'other-ca');
    makeCertificate(folder, 'server', 'ca');
    makeCertificate(folder, 'peer', 'ca');
    makeCertificate(folder, 'stranger', 'other-ca');
    etcd = await EtcdProcess.start([
      `--cert-file=${join(folder, 'server.crt')}`,
      `--key-file=${join(folder, 'server.key')}`,
      `--trusted-ca-file=${join(folder, 'ca.crt')}`,
      '--client-cert-auth',
    ]);
  });
  afterAll(async () => {
    await etcd.stop();
    rmSync(folder, { recursive: true });
  });

  it('serves those whose certificate it knows', async () => {
    const leases = open({
      endpoints: [`https://${etcd.endpoint}`],
      tls: {
        ca: pem('ca.crt'),
        cert: pem('peer.crt'),
        key: readFileSync(join(folder, 'peer.key')),
        serverName: 'etcd.test',
      },
    });
    const session = await leases.openSession('A', never);
    await claimed(session, 'photos');
    expect(await heldIn(leases)).toEqual(['photos']);
    await session.end(never);
  });

  it('is not believed when another authority signed for it (F79)', async () => {
    const leases = open({
      endpoints: [etcd.endpoint],
      tls: {
        ca: pem('other-ca.crt'),
        cert: pem('peer.crt'),
        key: pem('peer.key'),
        serverName: 'etcd.test',
      },
    });
    await expect(leases.list(never)).rejects.toThrow(
      /cannot be reached: .*(self-signed|unable to verify|unable to get).*look at the authorities \(ca\)\)$/,
    );
  });

  it('is not believed under another name (F79)', async () => {
    const leases = open({
      endpoints: [etcd.endpoint],
      tls: {
        ca: pem('ca.crt'),
        cert: pem('peer.crt'),
        key: pem('peer.key'),
        serverName: 'other.test',
      },
    });
    await expect(leases.list(never)).rejects.toThrow(
      /cannot be reached: .*does not match/,
    );
  });

  it.each(['stranger', undefined])(
    'does not serve a peer with the certificate of %s (F79)',
    async (name) => {
      const own =
        name === undefined
          ? {}
          : { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
      const leases = open({
        endpoints: [etcd.endpoint],
        tls: { ca: pem('ca.crt'), serverName: 'etcd.test', ...own },
      });
      await expect(leases.list(never)).rejects.toThrow(
        /asks for a certificate that it knows: .* \(cert, key\)\)$/,
      );
    },
  );

  it('is not reached without TLS, nor is one without TLS reached with it, and both say where to look', async () => {
    const plain = await EtcdProcess.start();
    try {
      const leases = open({ endpoints: [etcd.endpoint] });
      await expect(leases.list(never)).rejects.toThrow(
        /cannot be reached: .*wants TLS there.*reach it with TLS\)$/,
      );
      const secured = open({ endpoints: [plain.endpoint], tls: {} });
      await expect(secured.list(never)).rejects.toThrow(
        /cannot be reached: .*has no TLS there.*reach it without TLS\)$/,
      );
    } finally {
      await plain.stop();
    }
  });
});

function open(
  options: Partial<EtcdServingLeasesOptions> & {
    readonly endpoints: readonly string[];
  },
): ServingLeases {
  const leases = etcdServingLeases({ namespace: 'demo', ...options });
  onTestFinished(() => leases.close());
  return leases;
}
