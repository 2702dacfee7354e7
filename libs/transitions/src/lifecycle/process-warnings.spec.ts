import 'reflect-metadata';
import cluster from 'node:cluster';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RecordingLogger, startApp } from '../testing/started-app.js';

const isWarning = 'Nothing listens to SIGTERM';

afterEach(() => void vi.useRealTimers());

/** Boots, with what an application does right after it, and lets time pass. */
async function warnings(
  afterBoot: (app: Awaited<ReturnType<typeof startApp>>) => unknown = () => {},
): Promise<RecordingLogger> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const logger = new RecordingLogger();
  await afterBoot(await startApp({}, {}, logger));
  vi.advanceTimersByTime(10_000);
  return logger;
}

describe('an application without shutdown hooks', () => {
  it('is warned of once it is up, with the call that is missing (F124)', async () => {
    const logger = await warnings();
    expect(logger.with(isWarning)).toEqual([
      expect.stringContaining(
        "Call app.enableShutdownHooks(['SIGTERM', 'SIGINT'])",
      ),
    ]);
  });

  it('is not, where it enables them right after its boot, or has a listener of its own (F124)', async () => {
    const enabling = await warnings((app) =>
      app.enableShutdownHooks(['SIGTERM']),
    );
    expect(enabling.with(isWarning)).toEqual([]);
    const own = (): void => {};
    process.on('SIGTERM', own);
    onTestFinished(() => void process.off('SIGTERM', own));
    expect((await warnings()).with(isWarning)).toEqual([]);
  });

  it('is not, where it is closed before (F124)', async () => {
    const logger = await warnings((app) => app.close());
    expect(logger.with(isWarning)).toEqual([]);
  });
});

describe('a worker of node:cluster', () => {
  it('is warned that each of them serves the same volumes (F174)', async () => {
    Object.defineProperty(cluster, 'isWorker', { value: true });
    onTestFinished(() => {
      Object.defineProperty(cluster, 'isWorker', { value: false });
    });
    const logger = await warnings();
    await expect.poll(() => logger.with('node:cluster')).toHaveLength(1);
  });
});
