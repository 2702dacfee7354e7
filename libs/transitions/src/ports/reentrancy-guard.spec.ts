import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ReentrantTransitionError } from '../core/model/errors.js';
import { keepStandby } from '../core/standby.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { AsyncReentrancyGuard } from './reentrancy-guard.js';
import { ReloadService } from '../reload/reload.service.js';
import { deferred } from '../testing/journal.js';
import { sampleConf } from '../testing/sample-conf.js';
import { startApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';

setFlagsFromString('--expose-gc');

/** Runs something inside signaledStart, and keeps its result. */
@Injectable()
@TransitionParticipant(1)
class Probe {
  inside: () => unknown = () => undefined;
  result: unknown;

  async signaledStart(): Promise<void> {
    try {
      this.result = await this.inside();
    } catch (thrown) {
      this.result = thrown;
    }
  }
}

async function startProbe() {
  const app = await startApp({ providers: [Probe] });
  return {
    app,
    probe: app.get(Probe),
    reloads: app.get(ReloadService),
    transitions: app.get(TransitionsService),
  };
}

describe('F45 inside a callback', () => {
  it('awaiting a reload is an error at once, not a deadlock', async () => {
    const { probe, reloads, transitions } = await startProbe();
    for (const ask of [
      () => reloads.reload(),
      () => transitions.signaled(sampleConf()),
      () => transitions.reset('v'),
      () => transitions.up(),
    ]) {
      probe.inside = async () => {
        await new Promise(setImmediate);
        return ask();
      };
      expect((await reloads.reload()).outcome).toBe('unchanged');
      expect(probe.result).toBeInstanceOf(ReentrantTransitionError);
    }
  });

  it('register is refused', async () => {
    const { probe, reloads, transitions } = await startProbe();
    probe.inside = () => transitions.register('late', {});
    await reloads.reload();
    expect(String(probe.result)).toContain('register(late) is refused');
  });

  it('what is left behind may reload later: a timer, a server', async () => {
    const { probe, reloads } = await startProbe();
    const laterReload = deferred<string>();
    const goOn = deferred();
    let server: Server | undefined;
    probe.inside = async () => {
      void goOn.promise.then(async () => {
        laterReload.resolve((await reloads.reload()).outcome);
      });
      server = createServer((_request, response) => {
        void reloads.reload('http').then(
          ({ outcome }) => response.end(outcome),
          (thrown: unknown) => response.end(String(thrown)),
        );
      });
      await new Promise<void>((resolve) => {
        server!.listen(0, '127.0.0.1', resolve);
      });
    };
    await reloads.reload();
    probe.inside = () => undefined;
    goOn.resolve();
    expect(await laterReload.promise).toBe('unchanged');
    const { port } = server!.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe('unchanged');
    await new Promise((resolve) => server!.close(resolve));
  });

  it('a reload of another application is none of ours', async () => {
    const { probe, reloads } = await startProbe();
    const other = await startProbe();
    probe.inside = async () => (await other.reloads.reload()).outcome;
    await reloads.reload();
    expect(probe.result).toBe('unchanged');
  });

  it('a reload inside of a reload of another application that ours began is seen', async () => {
    const { probe, reloads } = await startProbe();
    const other = await startProbe();
    other.probe.inside = () => reloads.reload();
    probe.inside = () => other.reloads.reload();
    await reloads.reload();
    expect(other.probe.result).toBeInstanceOf(ReentrantTransitionError);
  });
});

describe('what the standby leaves behind', () => {
  it('keeps nothing of whoever asked for the transition', async () => {
    const collect = runInNewContext('gc') as () => void;
    const storage = new AsyncLocalStorage<object>();
    const guard = new AsyncReentrancyGuard();
    const finalized = deferred<string>();
    const registry = new FinalizationRegistry(finalized.resolve);
    const begin = (): void => {
      const request = { body: 'of a request' };
      registry.register(request, 'collected');
      storage.run(request, () => guard.outside(() => keepStandby(10_000)));
    };
    begin();
    const collecting = setInterval(collect, 10);
    await expect(finalized.promise).resolves.toBe('collected');
    clearInterval(collecting);
  });
});
