import { expect, it } from 'vitest';
import { JobQueue } from './job-queue.js';
import type { TransitionReport } from './report.js';

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
