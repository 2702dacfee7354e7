import { expect, it } from 'vitest';
import { clusterOf } from '../testing/cluster-conf.js';
import {
  compileGatedApp,
  settle,
  startGatedApp,
} from '../testing/gated-app.js';
import { deferred } from '../testing/journal.js';

it('a volume opens when the last participant has served it, and not before', async () => {
  const open: boolean[] = [];
  const look = () => void open.push(gated.gate.isOpen('photos'));
  const gated = await compileGatedApp(clusterOf('photos@A'), [
    { serveVolume: look },
    { serveVolume: look, signaledFinish: look },
  ]);
  await gated.app.init();
  expect(open).toEqual([false, false, true]);
  using pass = gated.gate.enter('photos');
  expect(pass.volumeName).toBe('photos');
});

it('a volume opens while the last participant still serves others (F175)', async () => {
  const slow = deferred();
  const { gate, transitions } = await startGatedApp(clusterOf('quick,slow@'), [
    { serveVolume: () => {} },
    {
      serveVolume: (_confMap, name) =>
        name === 'slow' ? slow.promise : undefined,
    },
    {},
  ]);
  const reload = transitions.signaled(clusterOf('quick,slow@A'));
  await settle();
  expect([gate.isOpen('quick'), gate.isOpen('slow')]).toEqual([true, false]);
  slow.resolve();
  await reload;
  expect(gate.isOpen('slow')).toBe(true);
});

it('a volume is open until the first unserveVolume is due, and closed before any participant unserves one (F175)', async () => {
  const open: string[] = [];
  const look = (callback: string) => () =>
    void open.push(`${callback} ${gated.gate.isOpen('photos')}`);
  const gated = await startGatedApp(clusterOf('photos@A'), [
    {
      volumeToBeUnserved: look('volumeToBeUnserved'),
      signaledStart: look('signaledStart'),
      volumeCreated: (_confMap, name) => {
        if (name === 'music') look('volumeCreated')();
      },
      unserveVolume: look('unserveVolume'),
      volumeGroupMoved: look('volumeGroupMoved'),
    },
  ]);
  await gated.transitions.signaled(clusterOf('photos@B', 'music@A'));
  expect(open).toEqual([
    'volumeToBeUnserved true',
    'signaledStart true',
    'volumeCreated true',
    'unserveVolume false',
    'volumeGroupMoved false',
  ]);
});

it('a reload that fails before the first unserveVolume turns nobody away (F175)', async () => {
  const open: boolean[] = [];
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [
    {
      volumeCreated: (_confMap, name) => {
        if (name === 'music') throw new Error('no');
      },
      volumeUnserveCancelled: () => void open.push(gate.isOpen('photos')),
    },
  ]);
  using pass = gate.enter('photos');
  await expect(
    transitions.signaled(clusterOf('photos@B', 'music@A')),
  ).rejects.toThrow('rolledBack');
  expect(open).toEqual([true]);
  expect(gate.isOpen('photos')).toBe(true);
  expect(gate.inside('photos')).toBe(1);
  expect(pass.signal.aborted).toBe(false);
});

it('what has opened before the reload failed closes again before anybody unserves it', async () => {
  const journal: string[] = [];
  const { gate, transitions } = await startGatedApp(
    clusterOf('photos,music@'),
    [
      {
        serveVolume: async (_confMap, name) => {
          await settle();
          if (name === 'music') throw new Error('no');
        },
        unserveVolume: (_confMap, name) =>
          void journal.push(
            `unserve ${name}, ${gate.isOpen(name)}, ${gate.inside(name)} inside`,
          ),
      },
    ],
  );
  const reload = transitions.signaled(clusterOf('photos,music@A'));
  reload.catch(() => {});
  while (!gate.isOpen('photos')) await settle();
  const pass = gate.enter('photos');
  while (gate.isOpen('photos')) await settle();
  journal.push('leave');
  pass[Symbol.dispose]();
  await expect(reload).rejects.toThrow('rolledBack');
  expect(journal).toEqual(['leave', 'unserve photos, false, 0 inside']);
});

it('a volume that is drained and comes back to a rollback is open again', async () => {
  const { gate, transitions } = await startGatedApp(clusterOf('photos@A'), [
    {
      volumeGroupMoved: () => {
        throw new Error('no');
      },
    },
  ]);
  // Without a primary: no other peer may serve it by now.
  await expect(transitions.signaled(clusterOf('photos@'))).rejects.toThrow(
    'rolledBack',
  );
  gate.enter('photos')[Symbol.dispose]();
});

it('a volume that a participant could not serve stays closed, and others open', async () => {
  const { gate, whyNot } = await isolated();
  expect(whyNot).toBe('closed');
  gate.enter('music')[Symbol.dispose]();
});

async function isolated() {
  const gated = await startGatedApp(
    clusterOf('photos,music@A'),
    [
      {
        serveVolume: (_confMap, name) => {
          if (name === 'photos') throw new Error('no');
        },
      },
    ],
    { onFailure: 'isolate' },
  );
  return { gate: gated.gate, whyNot: gated.whyNot('photos') };
}

it('a part of a request gets in while that one is inside, though the volume drains (F145)', async () => {
  const { gate, transitions, whyNot } = await startGated();
  const pass = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B', 'mail@A'));
  await settle();
  expect(whyNot('photos')).toBe('draining');
  const part = gate.enter('photos', { within: pass });
  pass[Symbol.dispose]();
  // Of the one that has left nothing begins any more.
  expect(() => gate.enter('photos', { within: pass })).toThrow('is about to');
  const partOfPart = gate.enter('photos', { within: part });
  expect(gate.inside('photos')).toBe(2);
  part[Symbol.dispose]();
  partOfPart[Symbol.dispose]();
  expect((await reload).outcome).toBe('applied');
});

it('a pass lets nobody into another volume, nor into one that has left (F145)', async () => {
  const { gate, transitions, whyNot } = await startGated({
    drainTimeout: 0,
    callbackTimeout: 400,
  });
  const inMail = gate.enter('mail');
  const straggler = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B', 'mail@A'));
  await settle();
  expect(() => gate.enter('photos', { within: inMail })).toThrow('is about to');
  await reload;
  expect(() => gate.enter('photos', { within: straggler })).toThrow('by B');
  expect(whyNot('photos')).toBe('elsewhere B');
  await transitions.signaled(clusterOf('photos@A', 'mail@A'));
  // In another stay of the volume it is a request like any other.
  using pass = gate.enter('photos', { within: straggler });
  straggler[Symbol.dispose]();
  expect(gate.inside('photos')).toBe(1);
  expect(pass.signal.aborted).toBe(false);
});

it('a part of a request that was aborted is aborted from the start (F145)', async () => {
  const { gate, transitions } = await startGated({
    drainTimeout: 0,
    callbackTimeout: 2_000,
  });
  const pass = gate.enter('photos');
  const reload = transitions.signaled(clusterOf('photos@B', 'mail@A'));
  await new Promise((resolve) => {
    pass.signal.addEventListener('abort', resolve);
  });
  using part = gate.enter('photos', { within: pass });
  expect(part.signal.reason).toBe(pass.signal.reason);
  part[Symbol.dispose]();
  pass[Symbol.dispose]();
  await reload;
});

async function startGated(options: Parameters<typeof startGatedApp>[2] = {}) {
  const gated = await startGatedApp(
    clusterOf('photos@A', 'mail@A'),
    [],
    options,
  );
  const { gate, transitions } = gated;
  return { gate, transitions, whyNot: (name: string) => gated.whyNot(name) };
}
