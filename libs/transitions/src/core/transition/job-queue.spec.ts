import type { Clock } from '../time/clock.js';
import { expect, it } from 'vitest';
import type { TransitionReport } from '../report/report.js';
import { JobQueue, type ReloadRequest, type Runs } from './job-queue.js';

const request = (
  reason: string,
  force?: boolean,
  supersede?: boolean,
): ReloadRequest => ({
  reason,
  load: () => {
    throw new Error('not loaded here');
  },
  ...(force === undefined ? {} : { force }),
  ...(supersede === undefined ? {} : { supersede }),
});

const clock: Clock = {
  now: () => 0,
  tick: () => 0,
  startTimer: () => () => {},
  yieldTo: (callback) => {
    setImmediate(callback);
  },
};

/** A queue whose jobs write into a log what became of them. */
class Logging {
  readonly queue = new JobQueue(clock);
  readonly log: string[] = [];
  private readonly reloads: Runs<ReloadRequest, TransitionReport> = {
    run: async ({ reason, force }) => {
      this.log.push(`reload ${reason}${force ? ', forced' : ''}`);
      return { reason } as TransitionReport;
    },
    refuse: ({ reason }) => ({ reason: `not ${reason}` }) as TransitionReport,
  };

  reload(
    reason: string,
    force?: boolean,
    supersede?: boolean,
  ): Promise<TransitionReport> {
    const asked = request(reason, force, supersede);
    return this.queue.addReload(asked, this.reloads);
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

it('while many wait, the process has a turn for other work', async () => {
  const logging = new Logging();
  const { queue, log } = logging;
  for (let job = 0; job < 40; job++) void logging.other('reset');
  setImmediate(() => log.push('a turn'));
  await queue.drain(always);
  expect(log).toHaveLength(41);
  expect(log.at(-1)).toBe('reset');
});

it('what waits when nothing may run any more is refused without a run', async () => {
  const logging = new Logging();
  const waiting = [logging.reload('late'), logging.other('reset photos')];
  await logging.queue.drain(() => false);
  logging.queue.refuse('all');
  expect(await Promise.all(waiting)).toEqual([
    { reason: 'not late' },
    'not reset photos',
  ]);
  await logging.queue.drain(always);
  expect(logging.log).toEqual([]);
});

it('a reload that waits is taken out where any of those who wait for it asked to supersede; who asks later is for another (F180)', async () => {
  const logging = new Logging();
  const { queue, log } = logging;
  void logging.reload('plain');
  expect(queue.takeSuperseding()).toBeUndefined();
  void logging.reload('newest', false, true);
  const first = logging.reload('SIGHUP');
  const taken = queue.takeSuperseding()!;
  expect(taken.request.reason).toBe('SIGHUP');
  const later = logging.reload('later');
  void logging.other('reset photos');
  queue.runNext(taken, async () => {
    log.push('taken');
    return { reason: 'taken' } as TransitionReport;
  });
  await queue.drain(always);
  expect(log).toEqual(['taken', 'reload later', 'reset photos']);
  expect((await first).reason).toBe('taken');
  expect((await later).reason).toBe('later');
});

it('a reload that is put back is run first, and supersedes no more (F180)', async () => {
  const logging = new Logging();
  const { queue, log } = logging;
  const report = logging.reload('newest', true, true);
  void logging.other('reset photos');
  queue.putBack(queue.takeSuperseding()!);
  expect(queue.takeSuperseding()).toBeUndefined();
  await queue.drain(always);
  expect(log).toEqual(['reload newest, forced', 'reset photos']);
  expect((await report).reason).toBe('newest');
});

it('a reload that is put back becomes one with what was asked for since, with the force of both (F180)', async () => {
  const logging = new Logging();
  const { queue, log } = logging;
  const first = logging.reload('older', true, true);
  const taken = queue.takeSuperseding()!;
  const later = logging.reload('newest');
  queue.putBack(taken);
  await queue.drain(always);
  expect(log).toEqual(['reload newest, forced']);
  expect(await first).toBe(await later);
});
