import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { DemoEtcd, NoEtcdError } from './etcd.js';
import { findFreePorts } from './free-ports.js';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'volumed-etcd-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('who has no etcd is told how to get one (F158)', async () => {
  const folder = await makeFolder();
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const none = DemoEtcd.of({ etcd: 'own', folder });
  await expect(none).rejects.toThrow(NoEtcdError);
  await expect(none).rejects.toThrow('apt-get install etcd-server');
});

it('an address at which no etcd answers is told (F158)', async () => {
  const [port] = await findFreePorts(1);
  const etcd = `http://127.0.0.1:${port}`;
  const none = DemoEtcd.of({ etcd, folder: await makeFolder() });
  await expect(none).rejects.toThrow(NoEtcdError);
  await expect(none).rejects.toThrow(`--etcd ${etcd}: no etcd answers there`);
});
