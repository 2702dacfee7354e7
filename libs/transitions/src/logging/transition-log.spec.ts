import 'reflect-metadata';
import { inspect } from 'node:util';
import { ConsoleLogger, Injectable } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { VolumeFailedError } from '../core/model/errors.js';
import type { TransitionEvent } from '../core/report/events.js';
import type { VolumeWaitedFor } from '../core/report/waiting.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { formatLogEntry, readLogEntry } from './log-line.js';
import { logFields } from './log-fields.js';
import { TransitionLog } from './transition-log.js';

@Injectable()
@TransitionParticipant()
class Store {
  up(): void {}
  signaledStart(): void {}
}

describe('the log of a reload', () => {
  it('is a line at its start, for its plan and at its end; the rest is for debugging (F128)', async () => {
    const logger = new RecordingLogger();
    const app = await startApp({ providers: [Store] }, {}, logger);
    logger.lines.length = 0;
    await app.get(ReloadService).reload('on a whim');
    const levels = logger.lines.map((line) => line.split(' ')[0]);
    expect(logger.lines.filter((line) => line.startsWith('log'))).toEqual([
      'log [Transitions] #2 signaled: on a whim',
      'log [Transitions] #2 generation 2: nothing differs',
      expect.stringMatching(
        /^log \[Transitions\] #2 unchanged in \d+ ms, generation 2$/,
      ),
    ]);
    expect(new Set(levels)).toEqual(new Set(['log', 'debug']));
  });

  it('has a line for a volume that fails, and for what is tried again (F182, F183)', () => {
    const logger = new RecordingLogger();
    const log = new TransitionLog(logger);
    const error = new VolumeFailedError('v', new Error('EIO'));
    log.write({ type: 'volumeFailed', volume: 'v', error });
    const retry = {
      type: 'retryScheduled',
      attempt: 2,
      delayMs: 1_500,
    } as const;
    log.write({ ...retry, groups: ['g'], volumes: ['v', 'w'] });
    log.write({ ...retry, groups: [], volumes: [], reload: 'SIGHUP' });
    expect(logger.lines).toEqual([
      'error [] Volume v failed while it was served: EIO',
      'log [] group g, v, w again in 1500 ms (attempt 2)',
      'log [] The reload (SIGHUP) again in 1500 ms (attempt 2)',
    ]);
  });

  it('has a line for claims, releases and listings that fail, and for when they go through again', () => {
    const logger = new RecordingLogger();
    const log = new TransitionLog(logger);
    const error = new Error('too many operations');
    for (const work of ['claims', 'releases', 'listings'] as const) {
      log.write({ type: 'leaseTrouble', work, error });
      log.write({ type: 'leaseTrouble', work, error: undefined });
    }
    expect(logger.lines).toEqual([
      'error [] Leases: claims fail, and so what is to be served waits. They are tried again: too many operations',
      'log [] Leases: claims go through again',
      'error [] Leases: releases fail, and so no other peer gets what was let go of. They are tried again: too many operations',
      'log [] Leases: releases go through again',
      'error [] Leases: listings fail, and so it is not known what is free, or was taken by hand. They are tried again: too many operations',
      'log [] Leases: listings go through again',
    ]);
  });

  it('says at its end what is waited for, since when, who holds it and in which session', async () => {
    const logger = new RecordingLogger();
    const log = new TransitionLog(logger);
    const app = await startApp({ providers: [Store] });
    const report = await app.get(ReloadService).reload();
    const write = (...waiting: readonly VolumeWaitedFor[]): void =>
      log.write({
        type: 'transitionEnded',
        report: { ...report, id: 2, waiting },
      });
    const free = { holder: undefined, session: undefined };
    write({ volume: 'v', since: 0, holder: 'b', session: '4a9f' });
    write(
      { volume: 'v', since: 0, ...free },
      { volume: 'w', since: 1, ...free },
    );
    const ends = logger.lines.map((line) => line.replace(/.*waiting/, ''));
    expect(ends).toEqual([
      ' for v since 1970-01-01T00:00:00.000Z (held by b in session 4a9f)',
      ' for v since 1970-01-01T00:00:00.000Z (held by nobody that is known) and 1 more',
    ]);
  });

  it('has a line for a session, for its end, and one that says what follows where it failed', () => {
    const logger = new RecordingLogger();
    const log = new TransitionLog(logger);
    const state = 'ended';
    const error = new Error('no answer');
    const store = 'etcd at b:1, namespace demo';
    const open = { state: 'open', id: '4a9f', ttl: 9_000, store } as const;
    log.write({ type: 'leaseSession', session: open });
    log.write({ type: 'leaseSession', session: { state } });
    log.write({ type: 'leaseSession', session: { state, error } });
    expect(logger.lines).toEqual([
      'log [] Leases: session 4a9f for 9000 ms in etcd at b:1, namespace demo',
      'log [] Leases: ended',
      'error [] Leases: the session did not end in order, so other peers find what it held as after a crash, and may get it only when its time is over: no answer',
    ]);
  });

  it.each<TransitionEvent>([
    { type: 'leaseTrouble', work: 'claims', error: new Error('full') },
    { type: 'leaseTrouble', work: 'claims', error: undefined },
    {
      type: 'leaseSession',
      session: { state: 'open', id: '1', ttl: 9_000, store: 'etcd' },
    },
    { type: 'leasesLost', volumes: ['v'], reason: 'key' },
  ])('shows no fields where it is text: %j (F128)', (event) => {
    const written: unknown[][] = [];
    const write = (...args: unknown[]): void => void written.push(args);
    new TransitionLog({ log: write, error: write, warn: write }).write(event);
    const [[, fields]] = written as [[string, object]];
    expect(Object.keys(fields)).not.toEqual([]);
    expect(inspect(fields)).toBe('');
  });

  it('has a line for a phase that took a second (F128)', () => {
    const logger = new RecordingLogger();
    const log = new TransitionLog(logger);
    const phase = (durationMs: number): TransitionEvent => ({
      type: 'phaseEnded',
      id: 1,
      participant: 'Store',
      callback: 'up',
      calls: 1,
      failed: 0,
      targets: [],
      durationMs,
    });
    log.write(phase(999));
    log.write(phase(1000));
    expect(logger.lines).toEqual([
      'debug [] #1 Store.up 999.0 ms',
      'log [] #1 Store.up 1000.0 ms',
    ]);
  });

  it('has its facts as fields where a logger writes JSON (F128)', async () => {
    const lines: string[] = [];
    const stdout = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => lines.push(String(text)) > 0);
    onTestFinished(() => stdout.mockRestore());
    const json = new ConsoleLogger({ json: true });
    const app = await compileApp(
      { providers: [Store] },
      {},
      json as RecordingLogger,
    );
    await app.init();
    await app.get(ReloadService).reload('on a whim');
    await app.close();
    stdout.mockRestore();
    const entries = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ message }) => String(message).startsWith('#2'))
      .filter(({ level }) => level === 'log');
    expect(entries.map(({ params }) => params)).toEqual([
      { id: 2, kind: 'signaled', reason: 'on a whim' },
      {
        id: 2,
        generation: 2,
        delta: expect.objectContaining({ volumesServed: 0 }),
      },
      {
        id: 2,
        kind: 'signaled',
        reason: 'on a whim',
        outcome: 'unchanged',
        generation: 2,
        durationMs: expect.any(Number),
        errors: [],
      },
    ]);
  });
});

describe('fields of a log entry', () => {
  it('show nothing where it is written as text (F128)', () => {
    const entry = readLogEntry('log', 'message', [
      logFields({ id: 1 }),
      'Mine',
    ]);
    expect(formatLogEntry(entry)).toMatch(/ LOG \[Mine\] message$/);
  });
});
