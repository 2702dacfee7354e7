import 'reflect-metadata';
import { Module, ShutdownSignal } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SighupTakenError } from './sighup-taken-error.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { sampleConf } from '../testing/sample-conf.js';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { TransitionsModule } from '../transitions.module.js';
import { TransitionsService } from '../transitions.service.js';

const handed = [ShutdownSignal.SIGTERM, ShutdownSignal.SIGINT];

describe('F54 enableShutdownHooks() without a list', () => {
  it('is refused at boot, with the fix in the message, before anybody is called', async () => {
    const app = await compileApp({});
    app.enableShutdownHooks();
    await expect(app.init()).rejects.toThrow(SighupTakenError);
    await expect(app.init()).rejects.toThrow(
      "app.enableShutdownHooks(['SIGTERM', 'SIGINT'])",
    );
    expect(app.get(TransitionsService).snapshot().lifecycle).toBe('idle');
  });

  it('is refused when it is called after the boot, and SIGHUP stays ours', async () => {
    const app = await startApp({});
    expect(() => app.enableShutdownHooks()).toThrow(SighupTakenError);
    expect(process.listenerCount('SIGHUP')).toBe(1);
  });

  it('is refused after createApplicationContext, which boots before one can call it', async () => {
    @Module({
      imports: [
        TransitionsModule.forRoot({ source: staticConfSource(sampleConf()) }),
      ],
    })
    class Root {}
    const app = await NestFactory.createApplicationContext(Root, {
      logger: new RecordingLogger(),
      abortOnError: false,
    });
    onTestFinished(() => app.close());
    expect(() => app.enableShutdownHooks()).toThrow(SighupTakenError);
  });

  it('is accepted with a list, before and after the boot', async () => {
    const before = await compileApp({});
    before.enableShutdownHooks(handed);
    await before.init();
    const after = await startApp({});
    after.enableShutdownHooks(handed);
    expect(process.listenerCount('SIGTERM')).toBe(2);
    expect(process.listenerCount('SIGHUP')).toBe(2);
  });

  it('is accepted where SIGHUP is not for reloads', async () => {
    const app = await compileApp({}, { reloadOnSighup: false });
    app.enableShutdownHooks();
    await app.init();
    expect(process.listenerCount('SIGHUP')).toBe(1);
  });
});

describe('a listener of another library', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

  it.each([
    ['named as the one of Nest is', ['SIGHUP'] as const],
    ['on every signal, as the one of Nest is,', signals],
  ])('%s is warned of, before and after the boot (F120)', async (_how, on) => {
    const others = [1, 2].map(() => function cleanup(): void {});
    onTestFinished(() => {
      for (const other of others) {
        for (const signal of on) process.off(signal, other);
      }
    });
    for (const signal of on) process.on(signal, others[0]!);
    const logger = new RecordingLogger();
    await startApp({}, {}, logger);
    for (const signal of on) process.on(signal, others[1]!);
    expect(logger.with('Somebody else listens')).toEqual(
      Array.from(
        others,
        () =>
          'warn [Transitions] Somebody else listens to SIGHUP too (function cleanup); a reload and whatever that does will run side by side',
      ),
    );
  });
});

describe('a SIGHUP', () => {
  it('reloads every application of the process', async () => {
    const logger = new RecordingLogger();
    await startApp({}, {}, logger);
    const other = new RecordingLogger();
    await startApp({}, {}, other);
    process.kill(process.pid, 'SIGHUP');
    await expect.poll(() => other.with('unchanged')).toHaveLength(2);
  });

  it('is nothing to us with reloadOnSighup: false', async () => {
    await startApp({}, { reloadOnSighup: false });
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('that another listener takes too is warned of, at boot and afterwards', async () => {
    const others = [(): void => {}, (): void => {}];
    onTestFinished(() => {
      for (const other of others) process.off('SIGHUP', other);
    });
    process.on('SIGHUP', others[0]!);
    const logger = new RecordingLogger();
    await startApp({}, {}, logger);
    expect(logger.with('Somebody else listens to SIGHUP')).toHaveLength(1);
    process.on('SIGHUP', others[1]!);
    expect(logger.with('Somebody else listens to SIGHUP')).toHaveLength(2);
  });
});
