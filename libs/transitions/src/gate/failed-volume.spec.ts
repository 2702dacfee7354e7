import { expect, it } from 'vitest';
import {
  ReentrantTransitionError,
  TransitionStateError,
} from '../core/model/errors.js';
import { ReloadService } from '../reload/reload.service.js';
import { clusterOf } from '../testing/cluster-conf.js';
import {
  compileGatedApp,
  settle,
  startGatedApp,
} from '../testing/gated-app.js';
import { deferred } from '../testing/journal.js';

const broken = new Error('EIO: i/o error');
const retry = { initial: 20, max: 1_000 };

it('a volume that fails is shut at once, those inside may finish, and it opens again by itself (F182)', async () => {
  const { gate, transitions } = await startGatedApp(
    clusterOf('photos@A', 'music@A'),
    [{ serveVolume() {} }],
    { retry },
  );
  const inside = gate.enter('photos');
  const failed = transitions.fail('photos', broken);
  expect(gate.isOpen('photos')).toBe(false);
  expect(gate.isOpen('music')).toBe(true);
  await settle();
  expect(inside.signal.aborted).toBe(false);
  inside[Symbol.dispose]();
  expect((await failed).outcome).toBe('partial');
  expect(transitions.isReady).toBe(false);
  await expect.poll(() => gate.isOpen('photos')).toBe(true);
  expect(transitions.isReady).toBe(true);
});

it('a volume that has failed, and that nobody has let go of, is opened again by a reset, to those inside too (F182)', async () => {
  const { gate, transitions } = await startGatedApp(
    clusterOf('photos@A'),
    [{ volumeChanged: () => new Promise<void>(() => {}) }],
    { retry: false, callbackTimeout: 50 },
  );
  using _inside = gate.enter('photos');
  const changed = clusterOf('photos@A').withOverrides(['Volume:photos.Size=1']);
  await expect(transitions.signaled(changed)).rejects.toMatchObject({
    report: { outcome: 'degraded' },
  });
  await transitions.fail('photos', broken);
  expect(gate.isOpen('photos')).toBe(false);
  await transitions.reset('photos');
  expect(gate.isOpen('photos')).toBe(true);
  expect(gate.inside('photos')).toBe(1);
});

it('inside a callback about the same volume fail is an error at once; about another it is not (F182)', async () => {
  const said: unknown[] = [];
  const gated = await compileGatedApp(
    clusterOf('photos,music@A'),
    [
      {},
      {
        async volumeChanged(_confMap, volume) {
          await Promise.resolve();
          for (const name of ['photos', 'music']) {
            gated.transitions.fail(name, broken).then(
              ({ outcome }) => said.push(`${volume}: ${name} ${outcome}`),
              (thrown: unknown) => said.push(thrown),
            );
          }
          await settle();
        },
      },
    ],
    { retry: false },
  );
  await gated.app.init();
  const changed = clusterOf('photos,music@A').withOverrides([
    'Volume:photos.Size=1',
  ]);
  await gated.transitions.signaled(changed);
  await settle();
  expect(said).toEqual([
    expect.any(ReentrantTransitionError),
    'photos: music partial',
  ]);
});

it('a volume that fails while a callback of it is called synchronously is an error too (F182)', async () => {
  let thrown: Promise<unknown> | undefined;
  const gated = await compileGatedApp(clusterOf('photos@A'), [
    {},
    {
      volumeChanged() {
        thrown = gated.transitions
          .fail('photos', broken)
          .catch((e: unknown) => e);
      },
    },
  ]);
  await gated.app.init();
  await gated.transitions.signaled(
    clusterOf('photos@A').withOverrides(['Volume:photos.Size=1']),
  );
  expect(await thrown).toBeInstanceOf(ReentrantTransitionError);
});

it('what is not served here cannot fail, before the boot neither (F182)', async () => {
  const { app, transitions } = await compileGatedApp(
    clusterOf('photos@A', 'films@B'),
  );
  const early = transitions.fail('photos', broken);
  await expect(early).rejects.toThrow(TransitionStateError);
  await app.init();
  await expect(transitions.fail('films', broken)).rejects.toThrow(
    'fail(films) is refused while it is not served: nobody serves that volume here',
  );
});

it('a volume that fails while it is being served in a reload does not open before it is let go of (F182)', async () => {
  const slow = deferred();
  const { gate, transitions } = await startGatedApp(
    clusterOf('photos@A'),
    [{ volumeGroupMoved() {}, volumeMoved: () => slow.promise }],
    { retry: false },
  );
  const reload = transitions.signaled(clusterOf('music@A', 'photos@A'));
  await settle();
  // Already unserved by all, and to be served again.
  await expect(transitions.fail('photos', broken)).rejects.toThrow(
    TransitionStateError,
  );
  slow.resolve();
  await reload;
  expect(gate.isOpen('photos')).toBe(true);
});

it('a reload on a changed source is tried again, one that is awaited is not (F183)', async () => {
  let fails = 1;
  const { app, transitions } = await startGatedApp(
    clusterOf('photos@'),
    [
      {
        signaledStart() {
          if (fails-- > 0) throw new Error('not yet');
        },
      },
    ],
    { retry: { ...retry, reloads: true } },
  );
  const { outcome } = await app.get(ReloadService).reload();
  expect(outcome).toBe('rolledBack');
  expect(transitions.snapshot().retries).toMatchObject([
    { reload: 'reload()', attempt: 1 },
  ]);
  await expect
    .poll(() => transitions.snapshot().lastReport)
    .toMatchObject({ reason: 'retry of reload()', outcome: 'unchanged' });
});
