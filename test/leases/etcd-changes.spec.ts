import { etcdServingLeases } from '@nestjs-transitions/etcd';
import { maxNoteBytes } from 'nestjs-transitions/core';
import { expect, it, onTestFinished } from 'vitest';
import { EtcdProcess, hasEtcd } from './etcd-process.js';
import { free, never } from './serving-leases.contract.js';

it.skipIf(!hasEtcd)(
  'many notes at once come in pieces, so that no piece holds the process up',
  async () => {
    const etcd = await EtcdProcess.start();
    onTestFinished(() => etcd.stop());
    const endpoints = [etcd.endpoint];
    const leases = etcdServingLeases({ endpoints, namespace: 'test' });
    onTestFinished(() => leases.close());
    const session = await leases.openSession('A', never);
    const volumes = Array.from({ length: 2_000 }, (_, index) => `v${index}`);
    const claims = await session.claim(volumes.map(free), never);
    const { revision } = await leases.list(never);
    const note = 'x'.repeat(maxNoteBytes);
    const releases = claims.map(({ volume, token }) => ({
      volume,
      token: token!,
      note,
    }));
    await session.release(releases, never);
    const pieces: number[] = [];
    const told = new Set<string>();
    // Who follows from then on is told of all that has changed since.
    for await (const changes of leases.changes(revision, never)) {
      pieces.push(changes.length);
      for (const { volume } of changes) told.add(volume!);
      if (told.size === volumes.length) break;
    }
    // 2 MiB have room for 500 of them.
    expect(Math.max(...pieces)).toBeLessThan(600);
    expect(told).toEqual(new Set(volumes));
  },
);
