import { describe, expect, it, onTestFinished } from 'vitest';
import { EtcdProcess, hasEtcd } from '../leases/etcd-process.js';
import { ConfFile, confText, Service } from './service.js';

describe.skipIf(!hasEtcd)('a process that has leases and no server', () => {
  it('lives while etcd is away, at its boot and later, serves when it is back, and ends when it is closed', async () => {
    const etcd = await EtcdProcess.start();
    onTestFinished(() => etcd.stop());
    await etcd.die();
    const conf = new ConfFile(confText({ g: ['v'] }));
    const env = { ETCD_ENDPOINT: etcd.endpoint };
    const worker = new Service(conf, {}, env, ['worker.mjs']);
    await worker.line('no session could be opened');
    await worker.line('up');
    await etcd.startAgain();
    await worker.line('served v');
    await etcd.die();
    await worker.line('lost v');
    const from = worker.lines.length;
    await etcd.startAgain();
    await worker.line('served v', from);
    worker.tell('close');
    expect(await worker.exit).toEqual({ code: 0, signal: null });
  });
});
