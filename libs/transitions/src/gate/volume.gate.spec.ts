import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { ConsoleLogger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, expect, it } from 'vitest';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { TransitionsModule } from '../transitions.module.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { TransitionsService } from '../transitions.service.js';
import { VolumeGate } from './volume.gate.js';
import type { VolumePass } from './volume-entrance.js';
import {
  DrainAbortedError,
  VolumeNotServedError,
} from './volume-not-served.error.js';

/** Peer A; each group has the volumes and the primary given, such as `photos,music@A`. */
function clusterOf(...groups: string[]): ConfMap {
  const sections = groups.map((text, index) => {
    const [volumes = '', primary = ''] = text.split('@');
    const options = {
      VolumeList: volumes.split(','),
      PrimaryPeer: primary === '' ? [] : [primary],
      VirtualIPAddr: [],
    };
    return [`VolumeGroup:g${index}`, options] as const;
  });
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'A', Peers: ['A', 'B'] },
    FSGlobals: { VolumeGroupList: groups.map((_, index) => `g${index}`) },
    ...Object.fromEntries(sections),
  });
}

let module: TestingModule;
let gate: VolumeGate;
let transitions: TransitionsService;

afterEach(() => module.close());

async function create(
  confMap: ConfMap,
  participant: TransitionCallbacks = {},
  options: TransitionsModuleOptions = {},
): Promise<void> {
  const root = TransitionsModule.forRoot({
    source: staticConfSource(confMap),
    reloadOnSighup: false,
    ...options,
  });
  module = await Test.createTestingModule({ imports: [root] })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  gate = module.get(VolumeGate);
  transitions = module.get(TransitionsService);
  transitions.register('Store', participant, { order: 1e9 });
}

async function start(...options: Parameters<typeof create>): Promise<void> {
  await create(...options);
  await module.init();
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}

function refusal(volumeName: string): VolumeNotServedError {
  try {
    gate.enter(volumeName)[Symbol.dispose]();
  } catch (thrown) {
    if (thrown instanceof VolumeNotServedError) return thrown;
  }
  throw new Error(`${volumeName} let a request in, or failed otherwise`);
}

it('a volume opens when the last participant has served it, and not before', async () => {
  const open: boolean[] = [];
  await start(clusterOf('photos@A'), {
    serveVolume: () => void open.push(gate.isOpen('photos')),
    signaledFinish: () => void open.push(gate.isOpen('photos')),
  });
  expect(open).toEqual([false, true]);
  using pass = gate.enter('photos');
  expect(pass.volumeName).toBe('photos');
});

it('a volume closes before a participant hears that it will leave', async () => {
  const open: boolean[] = [];
  await start(clusterOf('photos@A'), {
    volumeToBeUnserved: () => void open.push(gate.isOpen('photos')),
  });
  await transitions.signaled(clusterOf('photos@B'));
  expect(open).toEqual([false]);
});

it('participants unserve a volume after the last request has left it', async () => {
  const journal: string[] = [];
  await start(clusterOf('photos@A'), {
    unserveVolume: () => void journal.push('unserve'),
  });
  const passes = [gate.enter('photos'), gate.enter('photos')];
  const reload = transitions.signaled(clusterOf('photos@B'));
  for (const pass of passes) {
    await settle();
    journal.push(`${gate.inside('photos')} inside`);
    pass[Symbol.dispose]();
    pass[Symbol.dispose]();
  }
  await reload;
  expect(journal).toEqual(['2 inside', '1 inside', 'unserve']);
});

it('volumes that leave together drain together', async () => {
  await start(clusterOf('photos,music@A'));
  const passes = [gate.enter('photos'), gate.enter('music')];
  const reload = transitions.signaled(clusterOf('photos,music@B'));
  await settle();
  // In either order: neither waits for the other.
  passes[0]![Symbol.dispose]();
  await settle();
  expect([gate.inside('photos'), gate.inside('music')]).toEqual([0, 1]);
  passes[1]![Symbol.dispose]();
  expect((await reload).outcome).toBe('applied');
});

it('after the drain timeout those inside are told, and how many they were', async () => {
  await start(clusterOf('photos@A'), {}, { drainTimeout: 10 });
  const passes = [gate.enter('photos'), gate.enter('photos')];
  const [first, second] = passes as [VolumePass, VolumePass];
  first.signal.addEventListener('abort', () =>
    queueMicrotask(() => passes.forEach((pass) => pass[Symbol.dispose]())),
  );
  // Nobody has asked for the signal of the second.
  const report = await transitions.signaled(clusterOf('photos@B'));
  expect(report.outcome).toBe('applied');
  for (const { signal } of [first, second]) {
    expect(signal.reason).toBeInstanceOf(DrainAbortedError);
    expect(signal.reason).toMatchObject({ volumeName: 'photos', inside: 2 });
  }
});

it('a request that heeds no signal does not hold a volume for ever', async () => {
  await start(
    clusterOf('photos@A'),
    {},
    { drainTimeout: 0, callbackTimeout: 1_000 },
  );
  gate.enter('photos');
  const report = await transitions.signaled(clusterOf('photos@B'));
  expect(report.outcome).toBe('applied');
  expect(gate.inside('photos')).toBe(0);
});

it('what a straggler does in the end concerns no later stay of the volume', async () => {
  await start(
    clusterOf('photos@A'),
    {},
    { drainTimeout: 0, callbackTimeout: 1_000 },
  );
  const straggler = gate.enter('photos');
  await transitions.signaled(clusterOf('photos@B'));
  await transitions.signaled(clusterOf('photos@A'));
  using pass = gate.enter('photos');
  straggler[Symbol.dispose]();
  expect(gate.inside('photos')).toBe(1);
  expect(pass.signal.aborted).toBe(false);
});

it('a volume that a rollback keeps is open again, and its requests went on', async () => {
  await start(clusterOf('photos@A'), {
    signaledStart: () => {
      throw new Error('no');
    },
  });
  using pass = gate.enter('photos');
  await expect(transitions.signaled(clusterOf('photos@B'))).rejects.toThrow(
    'rolledBack',
  );
  expect(gate.isOpen('photos')).toBe(true);
  expect(gate.inside('photos')).toBe(1);
  expect(pass.signal.aborted).toBe(false);
});

it('a volume that is drained and comes back to a rollback is open again', async () => {
  await start(clusterOf('photos@A'), {
    volumeGroupMoved: () => {
      throw new Error('no');
    },
  });
  // Without a primary: no other peer may serve it by now.
  await expect(transitions.signaled(clusterOf('photos@'))).rejects.toThrow(
    'rolledBack',
  );
  gate.enter('photos')[Symbol.dispose]();
});

it('a volume that a participant could not serve stays closed, and others open', async () => {
  await start(
    clusterOf('photos,music@A'),
    {
      serveVolume: (_confMap, name) => {
        if (name === 'photos') throw new Error('no');
      },
    },
    { onFailure: 'isolate' },
  );
  expect(refusal('photos').reason).toBe('closed');
  gate.enter('music')[Symbol.dispose]();
});

it('a refusal says why, which peer serves the volume, and whether to try again', async () => {
  await create(clusterOf('photos@A', 'mail@B', 'idle@'));
  const told = (name: string) => {
    const { reason, peer, retryable } = refusal(name);
    return { reason, peer, retryable };
  };
  const closed = { reason: 'closed', peer: undefined, retryable: true };
  expect(told('photos')).toEqual(closed);
  await module.init();
  expect(told('idle')).toEqual(closed);
  expect(told('none')).toEqual({
    ...closed,
    reason: 'unknown',
    retryable: false,
  });
  expect(told('mail')).toEqual({
    reason: 'elsewhere',
    peer: 'B',
    retryable: false,
  });
  const pass = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B'));
  await settle();
  expect(told('photos')).toEqual({ ...closed, reason: 'draining' });
  pass[Symbol.dispose]();
  await reload;
  expect(told('photos')).toEqual({
    reason: 'elsewhere',
    peer: 'B',
    retryable: false,
  });
});

it('a Down in the midst of a drain gives those inside the time of its own', async () => {
  await start(clusterOf('photos@A'));
  const pass = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B'));
  reload.catch(() => {});
  await settle();
  const down = transitions.down();
  await settle();
  expect(pass.signal.aborted).toBe(false);
  expect(gate.inside('photos')).toBe(1);
  pass[Symbol.dispose]();
  expect((await down).outcome).toBe('applied');
  await expect(reload).rejects.toThrow('failed');
});

it('a Down that cannot wait for the drain timeout aborts in time to finish', async () => {
  await start(clusterOf('photos@A'), {}, { shutdownTimeout: 300 });
  const pass = gate.enter('photos');
  pass.signal.addEventListener('abort', () => pass[Symbol.dispose]());
  expect((await transitions.down()).outcome).toBe('applied');
  expect(pass.signal.reason).toBeInstanceOf(DrainAbortedError);
});
