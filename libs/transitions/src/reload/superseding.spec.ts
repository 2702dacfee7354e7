import 'reflect-metadata';
import type { ConfMap } from '@nestjs-transitions/conf';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { deferred } from '../testing/journal.js';
import { settle } from '../testing/gated-app.js';
import { sampleConf } from '../testing/sample-conf.js';
import { compileApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { ReloadService } from './reload.service.js';

/** A reload that serves `slow`, and waits in its serveVolume until it is let go. */
async function reloading(
  options: TransitionsModuleOptions = {},
  vetoed?: string,
) {
  const served: string[] = [];
  const slow = deferred();
  let next: ConfMap = sampleConf({ g: ['v'] });
  const changes$ = new Subject<string>();
  const source = {
    load: () => Promise.resolve(next),
    changes$,
    describe: () => 'the test',
  };
  const app = await compileApp({}, { source, ...options });
  const transitions = app.get(TransitionsService);
  const begun = deferred();
  const reloads = app.get(ReloadService);
  const asked = deferred<unknown>();
  transitions.register('Part', {
    validate: (confMap) => {
      if (vetoed !== undefined && confMap.dump().includes('newest')) {
        throw new Error(vetoed);
      }
    },
    serveVolume: async (_confMap, name) => {
      served.push(name);
      if (name === 'after') {
        asked.resolve(reloads.reload('inside').catch(String));
      }
      if (name !== 'slow') return;
      begun.resolve();
      await slow.promise;
    },
  });
  await app.init();
  next = sampleConf({ g: ['v', 'slow', 'after'] });
  const running = reloads.reload('first');
  await begun.promise;
  next = sampleConf({ g: ['v', 'newest'] });
  return { transitions, reloads, running, served, slow, changes$, asked };
}

describe('a reload that supersedes', () => {
  it('F180 stops the one that runs at its next step, and goes on from what is held', async () => {
    const { reloads, running, served, slow, transitions } = await reloading();
    const newer = reloads.reload('newest', { supersede: true });
    await settle();
    expect(served).toEqual(['v', 'slow']);
    slow.resolve();
    const { outcome, supersededBy, configuration } = await running;
    const { generation, ...report } = await newer;
    expect({ outcome, supersededBy, configuration }).toEqual({
      outcome: 'superseded',
      supersededBy: generation,
      configuration: 'old',
    });
    expect(report).toMatchObject({
      outcome: 'applied',
      delta: { volumesServed: 1, volumesUnserved: 1, volumesDestroyed: 2 },
    });
    expect(served).toEqual(['v', 'slow', 'newest']);
    expect(transitions.snapshot().refused).toBeUndefined();
  });

  it('keeps the readiness that was', async () => {
    const { reloads, slow, transitions, running } = await reloading();
    const seen: boolean[] = [];
    transitions.events$.subscribe(() => seen.push(transitions.isReady));
    const newer = reloads.reload('newest', { supersede: true });
    slow.resolve();
    await Promise.all([running, newer]);
    expect(new Set(seen)).toEqual(new Set([true]));
  });

  it('is what a change of a watched source is with the option, and only then', async () => {
    for (const supersede of [false, true]) {
      const { changes$, running, slow } = await reloading({ supersede });
      changes$.next('the file changed');
      await settle();
      slow.resolve();
      const { outcome } = await running;
      expect(outcome).toBe(supersede ? 'superseded' : 'applied');
    }
  });

  it('is refused at once inside a callback, as any other', async () => {
    const { transitions, slow, running, reloads } = await reloading();
    let inside: Promise<unknown> | undefined;
    transitions.events$.subscribe((event) => {
      if (event.type !== 'phaseEnded' || event.callback !== 'serveVolume')
        return;
      inside ??= reloads.reload('inside', { supersede: true }).catch(String);
    });
    slow.resolve();
    await running;
    expect(await inside).toContain('ReentrantTransitionError');
  });

  it('is vetoed, and what the one that runs does after that still counts as inside', async () => {
    const { slow, running, reloads, asked } = await reloading({}, 'vetoed');
    const newer = reloads.reload('newest', { supersede: true });
    slow.resolve();
    expect((await running).outcome).toBe('applied');
    expect((await newer).outcome).toBe('rejected');
    expect(await asked.promise).toContain('ReentrantTransitionError');
  });
});
