import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Coordinator } from '../coordinator.js';
import { openGuard } from '../guard.js';
import { systemClock } from '../../ports/system-clock.js';
import { defaultSettings } from './settings.js';

const conf = (...volumes: string[]): ConfMap =>
  ConfMap.fromObject({
    Cluster: { WhoAmI: 'A' },
    FSGlobals: { VolumeGroupList: 'g' },
    'VolumeGroup:g': { PrimaryPeer: 'A', VolumeList: volumes },
  });

let coordinator: Coordinator;
let journal: string[];
let release: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  journal = [];
  const callbacks = {
    serveVolume: (_confMap: ConfMap, volume: string) => {
      if (volume === 'bad') throw new Error('bad');
      journal.push(`serve ${volume}`);
      if (volume !== 'slow') return undefined;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    unserveVolume: (_confMap: ConfMap, volume: string) => {
      journal.push(`unserve ${volume}`);
    },
  };
  coordinator = new Coordinator(
    [{ name: 'p', order: 1, callbacks, concurrency: 1, timeout: undefined }],
    {
      settings: defaultSettings,
      random: () => 0.5,
      clock: systemClock,
      sink: {
        emit: ({ type }) => {
          if (type === 'transitionEnded') journal.push('ended');
        },
        wantsSteps: () => false,
      },
      guard: openGuard,
    },
  );
});

afterEach(() => {
  vi.useRealTimers();
});

const request = (
  confMap: ConfMap,
  inForce: (confMap: ConfMap, signal: AbortSignal) => Promise<void>,
) => ({ load: () => confMap, reason: 'test', source: 'file x', inForce });

const note = async (confMap: ConfMap): Promise<void> => {
  journal.push(`in force ${confMap.getString('VolumeGroup:g', 'VolumeList')}`);
};

it('a source is told of what came into force, before the transition ends, and of nothing else', async () => {
  await coordinator.up(request(conf('a'), note));
  await coordinator.signaled(request(conf('bad'), note));
  await coordinator.signaled(request(ConfMap.fromObject({}), note));
  await coordinator.signaled(request(conf('b'), note));
  expect(journal).toEqual([
    'serve a',
    'in force a',
    'ended',
    'unserve a',
    'serve a',
    'ended',
    'ended',
    'unserve a',
    'serve b',
    'in force b',
    'ended',
  ]);
});

it('a source is told of what takes over from another reload, and not of that one', async () => {
  await coordinator.up(request(conf('a'), note));
  const slow = coordinator.signaled(request(conf('slow'), note));
  await vi.advanceTimersByTimeAsync(1);
  const newer = { ...request(conf('b'), note), supersede: true };
  const taken = coordinator.signaled(newer);
  await vi.advanceTimersByTimeAsync(1);
  release();
  await vi.advanceTimersByTimeAsync(1);
  expect([(await slow).outcome, (await taken).outcome]).toEqual([
    'superseded',
    'applied',
  ]);
  expect(journal.filter((line) => line.startsWith('in force'))).toEqual([
    'in force a',
    'in force b',
  ]);
});

it('a source that fails to note it changes nothing but the warnings', async () => {
  const report = await coordinator.up(
    request(conf('a'), () => Promise.reject(new Error('disk full'))),
  );
  expect([report.outcome, report.errors]).toEqual(['applied', []]);
  expect(report.warnings).toEqual([
    {
      message:
        'file x could not note that its configuration is in force: disk full',
    },
  ]);
});

it('a source that does not settle is given up after callbackTimeout', async () => {
  let given: AbortSignal | undefined;
  const up = coordinator.up(
    request(conf('a'), (_confMap, signal) => {
      given = signal;
      return new Promise(() => {});
    }),
  );
  await vi.advanceTimersByTimeAsync(defaultSettings.callbackTimeout - 1);
  expect([journal, given?.aborted]).toEqual([['serve a'], false]);
  await vi.advanceTimersByTimeAsync(1);
  const { outcome, warnings } = await up;
  expect([outcome, given?.aborted]).toEqual(['applied', true]);
  expect(warnings[0]?.message).toContain('within 60000 ms (callbackTimeout)');
});

it('a Down does not wait for a source', async () => {
  let given: AbortSignal | undefined;
  const up = coordinator.up(
    request(conf('a'), (_confMap, signal) => {
      given = signal;
      return new Promise(() => {});
    }),
  );
  await vi.advanceTimersByTimeAsync(1);
  await coordinator.down('test');
  expect(given?.aborted).toBe(true);
  expect((await up).warnings[0]?.message).toContain('A Down stopped');
  expect(journal).toEqual(['serve a', 'ended', 'unserve a', 'ended']);
});

it('a boot that is refused once a Down has come falls back to nothing', async () => {
  let fallBacks = 0;
  const up = coordinator.up({
    reason: 'test',
    load: () => new Promise(() => {}),
    fallBack: async () => {
      fallBacks++;
      return { confMap: conf('a'), origin: 'elsewhere' };
    },
  });
  await coordinator.down('test');
  expect([(await up).outcome, fallBacks]).toEqual(['failed', 0]);
});

it('a reload that is refused falls back to nothing', async () => {
  await coordinator.up(request(conf('a'), note));
  const report = await coordinator.signaled({
    reason: 'test',
    load: () => ConfMap.fromObject({}),
    fallBack: async () => ({ confMap: conf('b'), origin: 'elsewhere' }),
  });
  expect([report.outcome, report.stale]).toEqual(['rejected', undefined]);
});
