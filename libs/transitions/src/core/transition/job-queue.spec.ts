import { expect, it } from 'vitest';
import { JobQueue, reasonOf } from './job-queue.js';
import type { TransitionReport } from '../report/report.js';

const request = (reason: string) => ({
  reason,
  load: () => {
    throw new Error('not loaded here');
  },
});

it('I31 waiting reloads become one, at the place of the first and with the newest request, beside resets', async () => {
  const queue = new JobQueue();
  const first = queue.addReload(request('first'));
  void queue.addReset('photos');
  const newest = queue.addReload(request('newest'));
  void queue.addReset('mail');
  const job = queue.take();
  expect(job).toMatchObject({ kind: 'reload', request: { reason: 'newest' } });
  expect(queue.take()).toMatchObject({ kind: 'reset', volumeName: 'photos' });
  expect(queue.take()).toMatchObject({ kind: 'reset', volumeName: 'mail' });
  expect(queue.take()).toBeUndefined();
  const report = { id: 7 } as TransitionReport;
  for (const resolve of job!.waiting) resolve(report);
  expect(await Promise.all([first, newest])).toEqual([report, report]);
});

it('a reload that is taken no longer covers those that come after', () => {
  const queue = new JobQueue();
  void queue.addReload(request('taken'));
  expect(queue.take()?.waiting.length).toBe(1);
  void queue.addReload(request('later'));
  expect(queue.take()).toMatchObject({ request: { reason: 'later' } });
});

it('what waits runs one after the other, what comes meanwhile too, and everybody hears of the run that was theirs', async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const reports = [queue.addReload(request('first'))];
  await queue.drain(async (job) => {
    const reason = reasonOf(job);
    log.push(`begin ${reason}`);
    if (reason === 'first') reports.push(queue.addReset('photos'));
    // Who drains already is not joined by another.
    await queue.drain(() => expect.unreachable('two at once'), always);
    log.push(`end ${reason}`);
    return { reason } as TransitionReport;
  }, always);
  expect(log).toEqual([
    'begin first',
    'end first',
    'begin reset photos',
    'end reset photos',
  ]);
  expect(await Promise.all(reports)).toEqual([
    { reason: 'first' },
    { reason: 'reset photos' },
  ]);
});

it('what waits when nothing may run any more can be answered without a run', async () => {
  const queue = new JobQueue();
  const waiting = [queue.addReload(request('late')), queue.addReset('photos')];
  await queue.drain(
    () => expect.unreachable('it may not run'),
    () => false,
  );
  queue.answerAll((job) => ({ reason: reasonOf(job) }) as TransitionReport);
  expect(await Promise.all(waiting)).toEqual([
    { reason: 'late' },
    { reason: 'reset photos' },
  ]);
  expect(queue.take()).toBeUndefined();
});

function always(): boolean {
  return true;
}
