import { ConfMap } from '@nestjs-transitions/conf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../ports/system-clock.js';
import { Coordinator } from '../coordinator.js';
import {
  ConfigurationLoadError,
  ConfigurationLoadTimeoutError,
  PreemptedByDownError,
} from '../model/errors.js';
import { Loading, type LoadRequest } from './loading.js';
import { defaultSettings } from '../transition/settings.js';
import { openGuard } from '../guard.js';

const confMap = ConfMap.fromObject({
  Cluster: { WhoAmI: 'A' },
  FSGlobals: { VolumeGroupList: [] },
});
const forever = new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function loadingOf(request: LoadRequest, signal?: AbortSignal): Loading {
  return new Loading(request, 5_000, systemClock, signal);
}

function coordinatorOf(): Coordinator {
  return new Coordinator([], {
    settings: { ...defaultSettings, callbackTimeout: 1_000 },
    clock: systemClock,
    sink: { emit: () => {}, wantsSteps: () => false },
    random: () => 0.5,
    guard: openGuard,
  });
}

describe('loading a configuration', () => {
  it('ends when its time is up, aborts the signal with the reason, and names what hung and for how long', async () => {
    let signal: AbortSignal | undefined;
    const load = (given: AbortSignal): Promise<never> => {
      signal = given;
      return forever;
    };
    const source = 'file /etc/service.conf';
    const error = loadingOf({ load, source }).run().catch(String);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await error).toMatch(
      'file /etc/service.conf did not settle in load() within 5000 ms',
    );
    expect(signal?.reason).toBeInstanceOf(ConfigurationLoadTimeoutError);
  });

  it('is no longer timed once the source has answered, whatever it answers', async () => {
    await loadingOf({ load: () => confMap }).run();
    const fails = () => Promise.reject(new Error('no such file'));
    const failing = loadingOf({ load: fails }).run();
    await expect(failing).rejects.toThrow(ConfigurationLoadError);
    await expect(failing).rejects.toThrow('no such file');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails with the cause it was stopped with, though the source has a reason of its own', async () => {
    const load = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('own')));
      });
    const stop = new AbortController();
    const failing = loadingOf({ load }, stop.signal).run();
    stop.abort(new PreemptedByDownError());
    await expect(failing).rejects.toThrow(PreemptedByDownError);
  });

  it('tells the source which configuration is in force, from the first reload on', async () => {
    const given: (ConfMap | undefined)[] = [];
    const coordinator = coordinatorOf();
    const load = (_signal: AbortSignal, previous?: ConfMap): ConfMap => {
      given.push(previous);
      return confMap;
    };
    await coordinator.up({ reason: 'boot', load });
    await coordinator.signaled({ reason: 'reload', load });
    await coordinator.signaled({
      reason: 'refused',
      load: () => ConfMap.fromObject({}),
    });
    await coordinator.signaled({ reason: 'reload', load });
    expect(given).toEqual([undefined, confMap, confMap]);
    expect(given[2]).toBe(confMap);
  });

  it('asks no source when it was stopped before it began', async () => {
    const load = vi.fn<() => ConfMap>();
    const stop = AbortSignal.abort(new PreemptedByDownError());
    const loading = loadingOf({ load }, stop);
    await expect(loading.run()).rejects.toThrow(PreemptedByDownError);
    expect(load).not.toHaveBeenCalled();
  });
});

describe('a source that hangs', () => {
  it('rejects the reload after callbackTimeout and lets the next one run; what it says later changes nothing', async () => {
    const coordinator = coordinatorOf();
    await coordinator.up({ reason: 'boot', load: () => confMap });
    let answer: (late: ConfMap) => void = () => {};
    const hanging = coordinator.signaled({
      reason: 'hangs',
      source: 'the store',
      load: () => new Promise((resolve) => (answer = resolve)),
    });
    const next = coordinator.signaled({ reason: 'next', load: () => confMap });
    await vi.advanceTimersByTimeAsync(1_000);
    const report = await hanging;
    expect(report).toMatchObject({
      outcome: 'rejected',
      configuration: 'old',
      durations: { load: 1_000 },
      errors: [{ source: 'the store', elapsedMs: 1_000 }],
    });
    expect(report.errors[0]).toBeInstanceOf(ConfigurationLoadTimeoutError);
    expect((await next).outcome).toBe('unchanged');
    const before = coordinator.snapshot();
    answer(confMap);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(coordinator.snapshot()).toEqual(before);
    expect(before.busy).toBe(false);
  });

  it('fails the boot after callbackTimeout', async () => {
    const coordinator = coordinatorOf();
    const boot = coordinator.up({ reason: 'boot', load: () => forever });
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await boot).outcome).toBe('rejected');
    expect(coordinator.snapshot().lifecycle).toBe('failed');
  });
});
