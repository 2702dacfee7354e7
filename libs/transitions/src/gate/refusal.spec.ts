import { expect, it } from 'vitest';
import { clusterOf } from '../testing/cluster-conf.js';
import {
  compileGatedApp,
  settle,
  startGatedApp,
} from '../testing/gated-app.js';
import { deferred } from '../testing/journal.js';

it('a refusal says why, which peer serves the volume, and whether to try again', async () => {
  const gated = await compileGatedApp(clusterOf('photos@A', 'mail@B', 'idle@'));
  const told = (name: string) => {
    const { reason, peer, retryable } = gated.refusal(name);
    return { reason, peer, retryable };
  };
  const closed = { reason: 'closed', peer: undefined, retryable: true };
  expect(told('photos')).toEqual(closed);
  await gated.app.init();
  expect(told('idle')).toEqual(closed);
  expect(told('none')).toEqual({
    ...closed,
    reason: 'unknown',
    retryable: false,
  });
  const elsewhere = { reason: 'elsewhere', peer: 'B', retryable: false };
  expect(told('mail')).toEqual(elsewhere);
  const pass = gated.gate.enter('photos');
  const reload = gated.transitions.signaled(clusterOf('photos@B'));
  await settle();
  expect(told('photos')).toEqual({ ...closed, reason: 'draining' });
  pass[Symbol.dispose]();
  await reload;
  expect(told('photos')).toEqual(elsewhere);
});

/** What is said of volumes before, during and after a reload that a callback holds up. */
async function saidAround(
  before: string[],
  after: string[],
  volumes: string[],
  heldUp: 'serveVolume' | 'unserveVolume' | 'volumeGroupMoved',
  end: (volumeName: string) => void = () => {},
): Promise<string[]> {
  const { promise, resolve } = deferred();
  let isHeldUp = false;
  const gated = await startGatedApp(clusterOf(...before), [
    {
      [heldUp]: (_confMap: unknown, name: string) =>
        isHeldUp ? promise.then(() => end(name)) : undefined,
    },
  ]);
  const look = () => volumes.map((name) => gated.whyNot(name)).join(', ');
  const said = [look()];
  isHeldUp = true;
  const reload = gated.transitions.signaled(clusterOf(...after));
  await settle();
  said.push(look());
  resolve();
  await reload.catch(() => {});
  return [...said, look()];
}

it('a volume that this peer gains is on its way, and nobody is sent to the peer that loses it (F160)', async () => {
  const said = await saidAround(
    ['photos@B', 'idle@', 'mail@A'],
    ['photos@A', 'idle@A', 'mail@A', 'music@A'],
    ['photos', 'idle', 'music', 'none'],
    'serveVolume',
  );
  expect(said).toEqual([
    'elsewhere B, closed, unknown, unknown',
    'closed, closed, closed, unknown',
    'open, open, open, unknown',
  ]);
});

it('a volume that this peer loses is leaving until the reload is through (F160)', async () => {
  const said = await saidAround(
    ['photos@A', 'gone@A', 'idle@A'],
    ['photos@B', 'idle@'],
    ['photos', 'gone', 'idle'],
    'unserveVolume',
  );
  expect(said).toEqual([
    'open, open, open',
    'draining, draining, draining',
    'elsewhere B, unknown, closed',
  ]);
});

it('a volume that has nothing to do with this peer is where the configuration in force has it (F160)', async () => {
  const said = await saidAround(
    ['mail@B', 'gone@B', 'photos@A'],
    ['mail@C', 'photos@B', 'new@B'],
    ['mail', 'gone', 'new'],
    'volumeGroupMoved',
  );
  expect(said).toEqual([
    'elsewhere B, elsewhere B, unknown',
    // Nobody is sent to where it may not be yet.
    'elsewhere B, elsewhere B, closed',
    'elsewhere C, unknown, elsewhere B',
  ]);
});

it('after a reload that was rolled back it is as it was before (F160)', async () => {
  const said = await saidAround(
    ['photos@B', 'mail@A'],
    ['photos@A', 'mail@'],
    ['photos', 'mail', 'none'],
    'serveVolume',
    (name) => {
      if (name === 'photos') throw new Error('no');
    },
  );
  expect(said).toEqual([
    'elsewhere B, open, unknown',
    'closed, draining, unknown',
    'elsewhere B, open, unknown',
  ]);
});
