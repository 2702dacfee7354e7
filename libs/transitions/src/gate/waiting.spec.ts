import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TransitionCallbacks } from '../core/model/callbacks.js';
import { ReloadService } from '../reload/reload.service.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { clusterOf } from '../testing/cluster-conf.js';
import { settle, startGatedApp, type GatedApp } from '../testing/gated-app.js';
import { deferred } from '../testing/journal.js';
import type { VolumePass } from './volume-entrance.js';

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }),
);
afterEach(() => void vi.useRealTimers());

// So that no drain waits for them.
const entered: VolumePass[] = [];
afterEach(() => {
  for (const pass of entered.splice(0)) pass[Symbol.dispose]();
});

const patient = { waitMs: 5_000 };

/** What a request that waits comes to, once it has. */
function follow(asked: Promise<VolumePass>): { end: string | undefined } {
  const followed: { end: string | undefined } = { end: undefined };
  void asked.then(
    (pass) => {
      followed.end = 'in';
      entered.push(pass);
    },
    (thrown: Error) =>
      (followed.end = String(Reflect.get(thrown, 'reason') ?? thrown.message)),
  );
  return followed;
}

/** A reload that a callback holds up once the application is up. */
async function heldUp(
  before: string[],
  after: string[],
  callback:
    | 'serveVolume'
    | 'unserveVolume'
    | 'volumeGroupMoved'
    | 'volumeToBeUnserved'
    | 'signaledFinish',
  {
    fail = () => {},
    options = {},
    others = {},
  }: {
    fail?: () => void;
    options?: TransitionsModuleOptions;
    others?: TransitionCallbacks;
  } = {},
): Promise<GatedApp & { goOn: () => void; reload: Promise<unknown> }> {
  const { promise, resolve } = deferred();
  let isUp = false;
  const gated = await startGatedApp(
    clusterOf(...before),
    [{ ...others, [callback]: () => (isUp ? promise.then(fail) : undefined) }],
    options,
  );
  isUp = true;
  const reload = gated.transitions
    .signaled(clusterOf(...after))
    .catch(() => {});
  await settle();
  return Object.assign(gated, { goOn: resolve, reload });
}

it('a request waits for a volume that a reload brings here, and enters once all participants serve it (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume');
  const asked = gated.gate.admit('photos', patient);
  const waiting = follow(asked);
  await settle();
  expect([waiting.end, gated.gate.waitingRequests]).toEqual([undefined, 1]);
  gated.goOn();
  using pass = await asked;
  expect(pass.volumeName).toBe('photos');
  expect([gated.gate.inside('photos'), gated.gate.waitingRequests]).toEqual([
    1, 0,
  ]);
  await gated.reload;
});

it('a request waits while a volume moves between groups of this peer, behind those who are still inside (F181)', async () => {
  const gated = await startGatedApp(clusterOf('photos@A', 'music@A'));
  const inside = gated.gate.enter('photos');
  const reload = gated.transitions.signaled(
    clusterOf('none@A', 'music,photos@A'),
  );
  await settle();
  const asked = gated.gate.admit('photos', patient);
  const waiting = follow(asked);
  await settle();
  expect(waiting.end).toBeUndefined();
  inside[Symbol.dispose]();
  await reload;
  expect(waiting.end).toBe('in');
});

it('those who wait enter in the order in which they came, and before who comes then (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume');
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (number) => {
    entered.push(await gated.gate.admit('photos', patient));
    order.push(number);
  });
  gated.goOn();
  await Promise.all(waiting);
  await gated.reload;
  entered.push(await gated.gate.admit('photos', patient));
  order.push(4);
  expect(order).toEqual([1, 2, 3, 4]);
});

it('a slow volume keeps nobody of another waiting (F181)', async () => {
  const slow = deferred();
  const gated = await heldUp(
    ['quick,slow@B'],
    ['quick,slow@A'],
    'volumeGroupMoved',
    {
      others: {
        serveVolume: (_confMap, name) =>
          name === 'slow' ? slow.promise : undefined,
      },
    },
  );
  const [first, second, other] = ['slow', 'slow', 'quick'].map((name) =>
    follow(gated.gate.admit(name, patient)),
  );
  gated.goOn();
  await settle();
  expect([first!.end, second!.end, other!.end]).toEqual([
    undefined,
    undefined,
    'in',
  ]);
  slow.resolve();
  await gated.reload;
  expect([first!.end, second!.end]).toEqual(['in', 'in']);
});

it.each([
  ['elsewhere', 'mail', 'elsewhere'],
  ['unknown', 'none', 'unknown'],
  ["nobody's", 'idle', 'closed'],
  ['on its way to another peer', 'leaving', 'draining'],
])(
  'nobody waits for a volume that is %s (F181)',
  async (_what, name, reason) => {
    const gated = await heldUp(
      ['leaving@A', 'photos@B', 'mail@B', 'idle@'],
      ['leaving@B', 'photos@A', 'mail@B', 'idle@'],
      'volumeGroupMoved',
    );
    const asked = follow(gated.gate.admit(name, patient));
    await settle();
    expect(asked.end).toBe(reason);
    gated.goOn();
    await gated.reload;
  },
);

it('nobody waits where nothing runs, nor without time (F181)', async () => {
  const gated = await heldUp(
    ['photos@A', 'idle@'],
    ['photos@A', 'idle@A'],
    'serveVolume',
  );
  const impatient = follow(gated.gate.admit('idle', { waitMs: 0 }));
  await settle();
  expect(impatient.end).toBe('closed');
  gated.goOn();
  await gated.reload;
  await gated.transitions.signaled(clusterOf('photos@A', 'idle@'));
  const late = follow(gated.gate.admit('idle', patient));
  await settle();
  expect(late.end).toBe('closed');
});

it('whoever waited long enough is refused as by enter (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume');
  const refused = gated.gate
    .admit('photos', { waitMs: 300 })
    .catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(300);
  expect(await refused).toMatchObject({
    name: 'VolumeNotServedError',
    reason: 'closed',
    retryable: true,
  });
  expect(gated.gate.waitingRequests).toBe(0);
  gated.goOn();
  await gated.reload;
  expect(gated.gate.inside('photos')).toBe(0);
});

it('where the reload fails that was to bring the volume, all who wait for it are refused at once (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume', {
    fail: () => {
      throw new Error('no');
    },
  });
  const waiting = [1, 2].map(() => follow(gated.gate.admit('photos', patient)));
  gated.goOn();
  await gated.reload;
  await settle();
  expect(waiting.map(({ end }) => end)).toEqual(['closed', 'closed']);
});

it('who waits for what is put back after all is let in again (F181)', async () => {
  const gated = await heldUp(['photos@A'], ['photos@'], 'volumeGroupMoved', {
    fail: () => {
      throw new Error('no');
    },
    others: {},
  });
  // On its way to nobody, so far.
  const early = follow(gated.gate.admit('photos', patient));
  await settle();
  expect(early.end).toBe('draining');
  const slow = deferred();
  gated.transitions.events$.subscribe((event) => {
    if (event.type === 'rollbackStarted') {
      void gated.gate.admit('photos', patient).then((pass) => {
        entered.push(pass);
        slow.resolve();
      });
    }
  });
  gated.goOn();
  await slow.promise;
  await gated.reload;
  expect(gated.gate.inside('photos')).toBe(1);
});

it('what undoing has released is waited for by nobody: another peer may serve it (F181)', async () => {
  let asked: Promise<unknown> | undefined;
  const gated = await heldUp(['photos@A'], ['photos@B'], 'volumeGroupMoved', {
    fail: () => {
      throw new Error('no');
    },
  });
  gated.transitions.events$.subscribe((event) => {
    if (event.type === 'rollbackStarted') {
      asked = gated.gate
        .admit('photos', patient)
        .catch(({ reason }) => reason as string);
    }
  });
  gated.goOn();
  expect(await gated.reload).toBeUndefined();
  expect(await asked).toBe('draining');
});

it('who waits in one reload waits on in the one that supersedes it, if that one brings the volume as well (F181)', async () => {
  const confMaps = [clusterOf('photos@B', 'mail@B')];
  const { promise, resolve } = deferred();
  let isUp = false;
  const gated = await startGatedApp(
    confMaps[0]!,
    [{ volumeGroupMoved: () => (isUp ? promise : undefined) }],
    {
      source: {
        load: () => Promise.resolve(confMaps.at(-1)!),
        describe: () => 'the test',
      },
    },
  );
  isUp = true;
  const reloads = gated.app.get(ReloadService);
  confMaps.push(clusterOf('photos@A', 'mail@A'));
  const first = reloads.reload();
  await settle();
  const [photos, mail] = ['photos', 'mail'].map((name) =>
    follow(gated.gate.admit(name, patient)),
  );
  confMaps.push(clusterOf('photos@A', 'mail@B'));
  const second = reloads.reload('newer', { supersede: true });
  await settle();
  expect([photos!.end, mail!.end]).toEqual([undefined, undefined]);
  resolve();
  expect((await first).outcome).toBe('superseded');
  expect((await second).outcome).toBe('applied');
  expect([photos!.end, mail!.end]).toEqual(['in', 'elsewhere']);
});

it('a Down refuses all who wait, at once, though a callback still runs (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume');
  const waiting = follow(gated.gate.admit('photos', patient));
  const down = gated.transitions.down();
  await settle();
  expect(waiting.end).toBe('closed');
  const late = follow(gated.gate.admit('photos', patient));
  await settle();
  expect(late.end).toBe('closed');
  gated.goOn();
  await down;
});

it('no more than maxWaiting wait, for all volumes; the next one is refused at once (F181)', async () => {
  const gated = await heldUp(['a,b@B'], ['a,b@A'], 'serveVolume', {
    options: { maxWaiting: 2 },
  });
  const waiting = ['a', 'b', 'a'].map((name) =>
    follow(gated.gate.admit(name, patient)),
  );
  await settle();
  expect(waiting.map(({ end }) => end)).toEqual([
    undefined,
    undefined,
    'closed',
  ]);
  gated.goOn();
  await gated.reload;
  expect(waiting.map(({ end }) => end)).toEqual(['in', 'in', 'closed']);
});

it('whoever gives up leaves the queue, and leaves nothing behind (F181)', async () => {
  const gated = await heldUp(['photos@B'], ['photos@A'], 'serveVolume');
  const timers = vi.getTimerCount();
  const controller = new AbortController();
  const { signal } = controller;
  const given = [signal, signal].map((each) =>
    follow(gated.gate.admit('photos', { ...patient, signal: each })),
  );
  const stays = follow(gated.gate.admit('photos', patient));
  controller.abort(new Error('gone'));
  await settle();
  expect(given.map(({ end }) => end)).toEqual(['gone', 'gone']);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect([gated.gate.waitingRequests, vi.getTimerCount()]).toEqual([
    1,
    timers + 1,
  ]);
  const early = follow(gated.gate.admit('photos', { ...patient, signal }));
  gated.goOn();
  await gated.reload;
  expect([stays.end, early.end, gated.gate.inside('photos')]).toEqual([
    'in',
    'gone',
    1,
  ]);
  expect(vi.getTimerCount()).toBeLessThanOrEqual(timers);
});
