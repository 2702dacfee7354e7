import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerProcess } from 'volumed/demo';
import { rawRequest } from 'volumed/raw-http';
import {
  hasOpenssl,
  makeAuthority,
  makeCertificate,
} from '../leases/certificates.js';
import { EtcdGateway } from '../leases/etcd-gateway.js';
import { askForLogin } from '../leases/etcd-login.js';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { TestCluster } from './cluster.fixture.js';

const password = 'known-to-peers-alone';

describe.skipIf(!hasEtcd || !hasOpenssl)(
  'volumed, with an etcd that asks for a certificate and a password:',
  () => {
    let folder: string;
    let etcd: EtcdProcess;
    let running: TestCluster;

    const path = (name: string): string => join(folder, name);
    const pem = (name: string): string => readFileSync(path(name), 'utf8');
    const secret = (name: string, content: string): string => {
      writeFileSync(path(name), content);
      chmodSync(path(name), 0o600);
      return path(name);
    };
    const argumentsWith = (passwordFile: string): string[] => [
      '--etcd',
      `https://${etcd.endpoint}`,
      '--namespace=demo',
      '--lease-ttl=2',
      `--etcd-ca=${path('ca.crt')}`,
      `--etcd-cert=${path('peer.crt')}`,
      `--etcd-key=${path('peer.key')}`,
      '--etcd-user=peers',
      `--etcd-password-file=${passwordFile}`,
    ];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'volumed-tls-'));
      makeAuthority(folder, 'ca');
      makeCertificate(folder, 'server', 'ca');
      makeCertificate(folder, 'peer', 'ca');
      etcd = await EtcdProcess.start([
        `--cert-file=${path('server.crt')}`,
        `--key-file=${path('server.key')}`,
        `--trusted-ca-file=${path('ca.crt')}`,
        '--client-cert-auth',
      ]);
      const gateway = new EtcdGateway(etcd.endpoint, {
        tls: {
          ca: pem('ca.crt'),
          cert: pem('peer.crt'),
          key: pem('peer.key'),
          servername: 'etcd.test',
        },
      });
      await askForLogin(gateway, { name: 'peers', password }, 'demo');
      running = await TestCluster.start({
        args: argumentsWith(secret('password', `${password}\n`)),
      });
    });
    afterAll(async () => {
      await running?.[Symbol.asyncDispose]();
      await etcd?.stop();
      rmSync(folder, { recursive: true });
    });

    it('a volume is served under its lease, and moves', async () => {
      const { cluster } = running;
      await cluster.apply(cluster.withPrimaries({ g: 'b' }));
      await cluster.untilServed(['g']);
      const { leases } = await cluster.peer('b').status();
      expect(leases).toMatchObject({
        session: 'open',
        problem: null,
        tokens: { v: expect.stringMatching(/^\d+$/) },
      });
    });

    it('a peer with a wrong password is not ready and says why, and no peer tells a password (F79)', async () => {
      const { cluster } = running;
      const a = cluster.peer('a');
      await a.stop();
      const wrong = 'known-to-nobody';
      const args = argumentsWith(secret('wrong', wrong));
      const stranger = new PeerProcess({ ...a.options, args });
      try {
        await stranger.until('to be refused', async () => {
          const status = await stranger.status().catch(() => undefined);
          return (
            status?.leases?.problem?.includes('authentication failed') === true
          );
        });
        const ready = await rawRequest(stranger.options.port, 'GET', '/ready');
        expect(ready.status).toBe(503);
        const told = [
          JSON.stringify(await stranger.status()),
          await stranger.log(),
          await cluster.peer('b').log(),
        ].join('\n');
        expect(told).toContain('authentication failed');
        expect(told).not.toContain(password);
        expect(told).not.toContain(wrong);
      } finally {
        await stranger.stop('SIGKILL');
      }
    });
  },
);
