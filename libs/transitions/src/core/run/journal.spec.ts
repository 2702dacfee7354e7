import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import type { TransitionCallbacks } from '../model/callbacks.js';
import { computeTopology } from '../configuration/configuration.js';
import { CallbackError } from '../model/errors.js';
import { Journal } from './journal.js';
import type { Participant } from '../model/participant.js';
import type { PlanBlock } from '../plan/plan.js';

const topology = computeTopology(sampleConf({ g: ['u', 'v', 'w'] }));
const volumes = [...topology.volumes.values()];
const error = new CallbackError(
  { callback: 'volumeCreated', participant: 'p', target: 'v' },
  0,
  undefined,
  new Error('no'),
);

function participant(
  name: string,
  callbacks: TransitionCallbacks,
): Participant {
  return { name, order: 0, callbacks, concurrency: 1, timeout: undefined };
}

const participants = [
  participant('p', { volumeCreated: () => {} }),
  participant('idle', {}),
];
const created = (index: number): PlanBlock => ({
  callback: 'volumeCreated',
  participant: index,
  targets: volumes,
});

function journalOf(...blocks: PlanBlock[]): Journal {
  return new Journal(participants, blocks);
}

describe('a journal', () => {
  it('is complete when the turn of every step has come and none failed', () => {
    const journal = journalOf(created(0));
    const [record] = journal.records;
    record!.started = 2;
    expect(journal.complete).toBe(false);
    record!.started = 3;
    expect(journal.complete).toBe(true);
    record!.note(1, { kind: 'skipped' });
    expect(journal.complete).toBe(false);
  });

  it('tells which calls were made and how they ended, which were not, and what failed', () => {
    const journal = journalOf(created(0));
    const [record] = journal.records;
    record!.started = 2;
    record!.note(0, { kind: 'skipped' });
    record!.note(1, { kind: 'unknown', error });
    const step = { callback: 'volumeCreated', participant: 'p' };
    expect([...journal.calls()]).toEqual([
      { ...step, target: 'v', outcome: 'unknown', error },
    ]);
    expect(journal.untried).toEqual([
      { ...step, target: 'u' },
      { ...step, target: 'w' },
    ]);
    expect(record!.calls).toBe(1);
    expect(journal.failures).toEqual([error]);
    expect([...journal.failedSteps()]).toEqual([
      {
        callback: 'volumeCreated',
        participant: 0,
        target: volumes[1],
        kind: 'unknown',
        error,
      },
    ]);
  });

  it('counts no calls of a participant that lacks the callback, and misses none', () => {
    const journal = journalOf(created(1));
    expect(journal.untried).toEqual([]);
    journal.records[0]!.started = 3;
    expect([...journal.calls()]).toEqual([]);
    expect(journal.records[0]!.calls).toBe(0);
    expect(journal.complete).toBe(true);
  });

  it('knows whether the first call of a block was made, whatever came of it', () => {
    const [record] = journalOf(created(0)).records;
    expect(record!.wasCalled).toBe(false);
    record!.started = 1;
    record!.note(0, { kind: 'failed', error });
    expect(record!.wasCalled).toBe(true);
    record!.note(0, { kind: 'skipped' });
    expect(record!.wasCalled).toBe(false);
  });
});
