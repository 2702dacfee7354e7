import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { SetAside } from './set-aside.js';
import type { CallbackName } from '../model/callbacks.js';
import { computeTopology } from '../configuration/configuration.js';
import { CallbackError, RejectTransition } from '../model/errors.js';
import { Journal } from '../run/journal.js';
import type { Target } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { doAtOnce } from '../time/slices.js';

const before = computeTopology(sampleConf({ g: ['v', 'w'], h: ['x'] }));
const wanted = computeTopology(sampleConf({ g: ['v', 'w', 'new'], h: ['x'] }));
const nobody = new Set<string>();

function restoredBy(
  aside: SetAside,
  ...args: Parameters<SetAside['restoring']>
): Holdings {
  return doAtOnce(aside.restoring(...args));
}

/** A journal in which one step failed. */
function failing(
  callback: CallbackName,
  target: Target,
  thrown: unknown = new Error('no'),
): Journal {
  const step = {
    callback,
    participant: 'p',
    ...(target === null ? {} : { target: target.name }),
  };
  const journal = new Journal(
    [
      {
        name: 'p',
        order: 0,
        callbacks: { [callback]: () => {} },
        concurrency: 1,
        timeout: undefined,
      },
    ],
    [{ callback, participant: 0, targets: [target] }],
  );
  const [record] = journal.records;
  record!.started = 1;
  const error = new CallbackError(step, 0, undefined, thrown);
  record!.note(0, { kind: 'failed', error });
  return journal;
}

function servedIn({ volumes }: Holdings): string[] {
  return [...volumes.values()]
    .filter(({ served }) => served)
    .map(({ name }) => name);
}

describe('what is set aside', () => {
  it('is the volume of a failed step', () => {
    const journal = failing('serveVolume', wanted.volumes.get('new')!);
    const aside = new SetAside(journal, [wanted]);
    expect([...aside.volumes.keys()]).toEqual(['new']);
    expect([...aside.failures(7)]).toEqual([
      {
        volume: 'new',
        participant: 'p',
        callback: 'serveVolume',
        error: journal.failures[0],
        generation: 7,
      },
    ]);
  });

  it('is every volume that is wanted in a group of which a step failed', () => {
    const journal = failing('volumeGroupChanged', wanted.groups.get('g')!);
    const aside = new SetAside(journal, [wanted, wanted]);
    expect([...aside.volumes.keys()]).toEqual(['v', 'w', 'new']);
  });

  it('is a group without volumes too', () => {
    const group = { ...wanted.groups.get('g')!, name: 'empty' };
    const aside = new SetAside(failing('volumeGroupCreated', group), [wanted]);
    expect(aside.volumes.size).toBe(0);
    expect(aside.isEmpty).toBe(false);
  });

  it('is nothing where a participant itself failed', () => {
    expect(new SetAside(failing('signaledStart', null), [wanted]).isEmpty).toBe(
      true,
    );
  });

  // An error of another copy of the library has the code, and another class.
  it.each([
    new RejectTransition('not now'),
    Object.assign(new Error('not now'), { code: 'TRANSITIONS_REJECTED' }),
  ])(
    'is put back, but is no failure, where a participant rejected it without any change: %o (F172)',
    (refused) => {
      const volume = wanted.volumes.get('v')!;
      const aside = new SetAside(failing('serveVolume', volume, refused), [
        wanted,
      ]);
      expect([...aside.volumes.keys()]).toEqual(['v']);
      expect([...aside.failures(1)]).toEqual([]);
    },
  );
});

describe('restoring what is set aside', () => {
  const held: Holdings = {
    groups: wanted.groups,
    volumes: new Map(
      [...wanted.volumes].map(([name, volume]) => [
        name,
        { ...volume, served: false },
      ]),
    ),
  };

  it('brings a volume back as it was at the start, and leaves the others as they have become', () => {
    const volume = wanted.volumes.get('v')!;
    const aside = new SetAside(failing('volumeChanged', volume), [wanted]);
    const restored = restoredBy(aside, held, before, nobody, wanted);
    expect(servedIn(restored)).toEqual(['v']);
    expect(restored.volumes.get('v')).toBe(before.volumes.get('v'));
    expect(restored.volumes.get('w')).toBe(held.volumes.get('w'));
  });

  it('takes away a volume that was not there at the start', () => {
    const volume = wanted.volumes.get('new')!;
    const aside = new SetAside(failing('serveVolume', volume), [wanted]);
    expect(
      restoredBy(aside, held, before, nobody, wanted).volumes.has('new'),
    ).toBe(false);
  });

  it('brings a group back with its volumes', () => {
    const journal = failing('volumeGroupChanged', wanted.groups.get('g')!);
    const aside = new SetAside(journal, [wanted]);
    const restored = restoredBy(aside, held, before, nobody, wanted);
    expect(restored.groups.get('g')).toBe(before.groups.get('g'));
    expect(restored.groups.get('h')).toBe(held.groups.get('h'));
    expect(servedIn(restored)).toEqual(['v', 'w']);
  });

  it('does not serve again a volume that was released', () => {
    const journal = failing('volumeGroupMoved', wanted.groups.get('g')!);
    const aside = new SetAside(journal, [wanted]);
    const restored = restoredBy(
      aside,
      held,
      before,
      new Set(['w', 'x']),
      wanted,
    );
    expect(servedIn(restored)).toEqual(['v']);
    expect(restored.volumes.has('w')).toBe(true);
  });
});
