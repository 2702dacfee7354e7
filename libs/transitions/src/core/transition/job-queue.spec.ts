import { expect, it } from 'vitest';
import type { TransitionReport } from '../report/report.js';
import { JobQueue, type ReloadRequest, type Runs } from './job-queue.js';

const request = (reason: string, force?: boolean): ReloadRequest => ({
  reason,
  load: () => {
    throw new Error('not loaded here');
  },
  ...(force === undefined ? {} : { force }),
});

/** A queue whose jobs write into a log what became of them. */
class Logging {
  readonly queue = new JobQueue();
  readonly log: string[] = [];
  private readonly reloads: Runs<ReloadRequest, TransitionReport> = {
    run: async ({ reason, force }) => {
      this.log.push(`reload ${reason}${force ? ', forced' : ''}`);
      return { reason } as TransitionReport;
    },
    refuse: ({ reason }) => ({ reason: `not ${reason}` }) as TransitionReport,
  };

  reload(reason: string, force?: boolean): Promise<TransitionReport> {
    return this.queue.addReload(request(reason, force), this.reloads);
  }

  other(name: string, meanwhile = async (): Promise<void> => {}) {
    return this.queue.add(name, {
      run: async () => {
        this.log.push(name);
        await meanwhile();
        return name;
      },
      refuse: () => `not ${name}`,
    });
  }
}

const always = (): boolean => true;

it('waiting reloads become one, at the place of the first and with the newest request, beside other jobs (I31)', async () => {
  const logging = new Logging();
  const first = logging.reload('first');
  const photos = logging.other('reset photos');
  const newest = logging.reload('newest');
  const mail = logging.other('reset mail');
  await logging.queue.drain(always);
  expect(logging.log).toEqual(['reload newest', 'reset photos', 'reset mail']);
  expect(await Promise.all([first, newest, photos, mail])).toEqual([
    { reason: 'newest' },
    { reason: 'newest' },
    'reset photos',
    'reset mail',
  ]);
});

it('a shared reload is forced when any of those who wait for it asked for that (F96)', async () => {
  const logging = new Logging();
  void logging.reload('operator', true);
  void logging.reload('SIGHUP');
  await logging.queue.drain(always);
  void logging.reload('SIGHUP');
  await logging.queue.drain(always);
  expect(logging.log).toEqual(['reload SIGHUP, forced', 'reload SIGHUP']);
});

it('a reload that runs no longer covers those that come after', async () => {
  const logging = new Logging();
  void logging.other('before', async () => void logging.reload('taken'));
  void logging.reload('first');
  await logging.queue.drain(always);
  void logging.reload('later');
  await logging.queue.drain(always);
  expect(logging.log).toEqual(['before', 'reload taken', 'reload later']);
});

it('what waits runs one after the other, what comes meanwhile too', async () => {
  const logging = new Logging();
  const { queue, log } = logging;
  void logging.other('first', async () => {
    void logging.other('meanwhile');
    // Who drains already is not joined by another.
    await queue.drain(() => expect.unreachable('two at once'));
    log.push('end of first');
  });
  await queue.drain(always);
  expect(log).toEqual(['first', 'end of first', 'meanwhile']);
});

it('what waits when nothing may run any more is refused without a run', async () => {
  const logging = new Logging();
  const waiting = [logging.reload('late'), logging.other('reset photos')];
  await logging.queue.drain(() => false);
  logging.queue.refuseAll();
  expect(await Promise.all(waiting)).toEqual([
    { reason: 'not late' },
    'not reset photos',
  ]);
  await logging.queue.drain(always);
  expect(logging.log).toEqual([]);
});
