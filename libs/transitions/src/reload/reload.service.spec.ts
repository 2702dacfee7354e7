import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { ConfMap } from '@nestjs-transitions/conf';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TooManyUnservedError } from '../core/model/errors.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import type { ConfSource } from '../sources/conf-source.js';
import { deferred } from '../testing/journal.js';
import { sampleConf, sampleText } from '../testing/sample-conf.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { TransitionsService } from '../transitions.service.js';
import { ReloadService } from './reload.service.js';

/** A source whose next configuration a test sets. */
class Changing implements ConfSource {
  loads = 0;
  gate: Promise<void> | undefined;
  constructor(public next: ConfMap = sampleConf({ g: ['v'] })) {}
  async load(): Promise<ConfMap> {
    const { next } = this;
    this.loads++;
    await this.gate;
    return next;
  }
  describe(): string {
    return 'the test';
  }
}

async function start(options: TransitionsModuleOptions = {}) {
  const source = new Changing();
  const app = await startApp({}, { source, ...options });
  return {
    source,
    reloads: app.get(ReloadService),
    transitions: app.get(TransitionsService),
  };
}

/** The problems that an error lists, or itself. */
function problemsOf(error: Error): unknown[] {
  if ('problems' in error) return error.problems as unknown[];
  return error.cause instanceof Error && 'problems' in error.cause
    ? (error.cause.problems as unknown[])
    : [error];
}

/** Two participants who veto everything but the first configuration. */
async function startVetoing() {
  const calls: string[] = [];
  let isUp = false;
  const veto = (name: string, message: string): void => {
    if (!isUp) return;
    calls.push(name);
    throw new Error(message);
  };
  @Injectable()
  @TransitionParticipant(1)
  class First {
    validate(): void {
      veto('First', 'not with me');
    }
  }
  @Injectable()
  @TransitionParticipant(2)
  class Second {
    validate(): void {
      veto('Second', 'nor with me');
    }
  }
  const source = new Changing();
  const app = await startApp({ providers: [First, Second] }, { source });
  isUp = true;
  return {
    source,
    calls,
    reloads: app.get(ReloadService),
    transitions: app.get(TransitionsService),
  };
}

describe('reload()', () => {
  it('brings what the source has into force, and reports it', async () => {
    const { source, reloads, transitions } = await start();
    source.next = sampleConf({ g: ['v', 'w'] });
    const report = await reloads.reload('on a whim');
    expect(report).toMatchObject({
      outcome: 'applied',
      configuration: 'new',
      reason: 'on a whim',
      generation: 2,
      delta: { volumesCreated: 1, volumesServed: 1 },
    });
    expect(transitions.snapshot().participants[0]!.served).toEqual(['v', 'w']);
  });

  it('resolves for a configuration that is refused, with all problems', async () => {
    const { source, reloads } = await start();
    source.next = sampleConf({ g: ['v'], h: ['v'] });
    const { outcome, configuration, errors } = await reloads.reload();
    expect([outcome, configuration]).toEqual(['rejected', 'old']);
    expect(errors[0]?.message).toContain('v');
  });

  it('resolves for a source that throws', async () => {
    const { source, reloads } = await start();
    source.load = () => Promise.reject(new Error('no route to host'));
    const { outcome, errors } = await reloads.reload();
    expect([outcome, errors[0]?.message]).toEqual([
      'rejected',
      'no route to host',
    ]);
  });

  it('F32 that would unserve more than maxUnserve is rejected, unless it is forced', async () => {
    const { source, reloads } = await start({ maxUnserve: 0 });
    source.next = sampleConf({ g: [] });
    const { outcome, errors } = await reloads.reload();
    expect(outcome).toBe('rejected');
    expect(errors[0]).toBeInstanceOf(TooManyUnservedError);
    const forced = await reloads.reload('I mean it', { force: true });
    expect(forced.outcome).toBe('applied');
  });

  it('F50 many at once share two runs, and each learns which one covered it', async () => {
    const { source, reloads } = await start();
    const loadsBefore = source.loads;
    const goOn = deferred();
    source.gate = goOn.promise;
    const first = reloads.reload('first');
    await expect.poll(() => source.loads).toBe(loadsBefore + 1);
    source.next = sampleConf({ g: ['last'] });
    const others = Array.from({ length: 100 }, (_, index) =>
      reloads.reload(`reload ${index}`),
    );
    goOn.resolve();
    await first;
    const reports = await Promise.all(others);
    expect(source.loads - loadsBefore).toBe(2);
    expect(new Set(reports.map(({ id }) => id)).size).toBe(1);
    expect(reports[0]).toMatchObject({ outcome: 'applied', generation: 3 });
  });

  it('F51 before Up is done waits for it', async () => {
    const source = new Changing();
    const inUp = deferred();
    const letUpGo = deferred();
    @Injectable()
    @TransitionParticipant()
    class Slow {
      async up(): Promise<void> {
        inUp.resolve();
        await letUpGo.promise;
      }
    }
    const app = await compileApp({ providers: [Slow] }, { source });
    const early = app.get(ReloadService).reload('early');
    const booting = app.init();
    await inUp.promise;
    const during = app.get(ReloadService).reload('during');
    source.next = sampleConf({ g: ['v', 'w'] });
    letUpGo.resolve();
    await booting;
    expect(await early).toBe(await during);
    expect(await during).toMatchObject({ id: 2, outcome: 'applied' });
  });

  it('F51 that was asked for before a boot that never came is answered when the application is closed', async () => {
    const app = await compileApp({}, { source: new Changing() });
    const early = app.get(ReloadService).reload('early');
    await app.close();
    expect((await early).outcome).toBe('rejected');
  });
});

describe('a refused reload', () => {
  it.each([
    ['syntax', '[A\n[B\n', 2],
    ['meaning', sampleText({ g: ['v', 'v'], h: ['v'] }), 2],
    ['vetoes', sampleText({ g: ['w'] }), 2],
    ['syntax before meaning', `${sampleText({ g: ['v', 'v'] })}[B\n`, 1],
    ['meaning before vetoes', sampleText({ g: ['v', 'v'] }), 1],
  ])(
    'has all problems of a stage at once, and none of the next: %s (F119)',
    async (stage, text, expected) => {
      const { source, reloads, calls } = await startVetoing();
      source.load = async () => ConfMap.parse(text);
      const { outcome, errors } = await reloads.reload();
      expect(outcome).toBe('rejected');
      const told = errors.flatMap((error) => problemsOf(error));
      expect(told).toHaveLength(expected);
      expect(calls).toHaveLength(stage === 'vetoes' ? 2 : 0);
    },
  );
});

describe('dryRun()', () => {
  it('says what a reload would do, and does nothing', async () => {
    const { source, reloads, transitions } = await start();
    source.next = sampleConf({ g: ['w'] });
    const { steps } = await reloads.dryRun();
    expect(
      [...steps].map(({ callback, target }) => `${callback} ${target ?? ''}`),
    ).toEqual(expect.arrayContaining(['unserveVolume v', 'serveVolume w']));
    expect(transitions.snapshot()).toMatchObject({ generation: 1 });
  });

  it('asks every validate, and resolves with all vetoes and what was planned, as the reload does (F101, F119)', async () => {
    const { source, reloads, transitions, calls } = await startVetoing();
    source.next = sampleConf({ g: ['w'] });
    const foretold = await reloads.dryRun();
    const delta = { volumesCreated: 1, volumesDestroyed: 1 };
    expect(foretold).toMatchObject({ outcome: 'rejected', steps: [], delta });
    const report = await reloads.reload();
    expect(report).toMatchObject({ outcome: 'rejected', delta });
    const vetoes = [
      'Participant First vetoes the configuration: not with me',
      'Participant Second vetoes the configuration: nor with me',
    ];
    expect(foretold.errors.map(({ message }) => message)).toEqual(vetoes);
    expect(report.errors.map(({ message }) => message)).toEqual(vetoes);
    expect(calls).toEqual(['First', 'Second', 'First', 'Second']);
    expect(transitions.snapshot()).toMatchObject({ generation: 1 });
    const asJson = JSON.parse(JSON.stringify(foretold)) as unknown;
    expect(asJson).toMatchObject({
      errors: vetoes.map((message) => ({ message })),
    });
  });

  it('resolves with what maxUnserve refuses, and the plan of it (F101)', async () => {
    const { source, reloads } = await start({ maxUnserve: 0 });
    source.next = sampleConf({ g: [] });
    const { outcome, delta, errors } = await reloads.dryRun();
    expect(outcome).toBe('rejected');
    expect(delta).toMatchObject({ volumesUnserved: 1 });
    expect(errors).toEqual([expect.any(TooManyUnservedError)]);
    expect((await reloads.dryRun({ force: true })).outcome).toBe('applied');
  });

  it('resolves where the source fails (F101)', async () => {
    const { source, reloads } = await start();
    source.gate = Promise.reject(new Error('gone'));
    const { outcome, errors } = await reloads.dryRun();
    expect([outcome, errors.map(String)]).toEqual([
      'rejected',
      [expect.stringContaining('gone')],
    ]);
  });

  it('resolves with all problems of the configuration (F101)', async () => {
    const { source, reloads } = await start();
    source.next = sampleConf({ g: ['v'], h: ['v'] });
    const { outcome, errors, steps } = await reloads.dryRun();
    expect([outcome, steps]).toEqual(['rejected', []]);
    expect(errors.map(String)).toEqual([expect.stringContaining('1 problem')]);
  });
});

describe('a source that says when it has changed', () => {
  it('is listened to while the application is up', async () => {
    const changes$ = new Subject<string>();
    const source = Object.assign(new Changing(), { changes$ });
    const logger = new RecordingLogger();
    const app = await compileApp({}, { source }, logger);
    expect(changes$.observed).toBe(false);
    await app.init();
    expect(changes$.observed).toBe(true);
    changes$.next('because');
    await expect
      .poll(() => logger.with('#2 signaled: because'))
      .toHaveLength(1);
    changes$.error(new Error('connection lost'));
    expect(logger.with('no longer seen: connection lost')).toHaveLength(1);
  });

  it('is let go before Down', async () => {
    const changes$ = new Subject<string>();
    let inDown: boolean | undefined;
    @Injectable()
    @TransitionParticipant()
    class Watcher {
      down(): void {
        inDown = changes$.observed;
      }
    }
    const source = Object.assign(new Changing(), { changes$ });
    const app = await startApp({ providers: [Watcher] }, { source });
    expect(changes$.observed).toBe(true);
    await app.close();
    expect(inDown).toBe(false);
  });
});
