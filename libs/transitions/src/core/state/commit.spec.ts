import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import type { CallbackName } from '../model/callbacks.js';
import { computeTopology } from '../configuration/configuration.js';
import { CallbackError } from '../model/errors.js';
import { BlockRecord, Journal } from '../run/journal.js';
import { initialState, type ParticipantState } from '../model/participant.js';
import type { Target } from '../model/step.js';
import { applyStep, commitJournal, stateAfter } from './commit.js';
import { noHoldings } from '../model/topology.js';

const topology = computeTopology(sampleConf({ g: ['u', 'v', 'w'] }));
const group = topology.groups.get('g')!;
const [u, v, w] = [...topology.volumes.values()] as [Target, Target, Target];
const serving: ParticipantState = { ...initialState, up: true, held: topology };

/** So many steps of a block are done, or all; those listed were passed over. */
function record(
  callback: CallbackName,
  targets: readonly Target[],
  started = targets.length,
  skipped: readonly number[] = [],
): BlockRecord {
  const result = new BlockRecord({ callback, participant: 0, targets }, true);
  result.started = started;
  for (const index of skipped) result.note(index, { kind: 'skipped' });
  return result;
}

/** `v*` where it is served. */
function volumesOf({ held }: ParticipantState): string[] {
  return [...held.volumes.values()].map(
    ({ name, served }) => `${name}${served ? '*' : ''}`,
  );
}

describe('the state of a participant', () => {
  it('after a plan that was done entirely is the very object that was wanted', () => {
    const records = [
      record('up', [null]),
      record('volumeGroupCreated', [group]),
    ];
    const after = stateAfter(initialState, records, topology);
    expect(after).toMatchObject({ up: true, awaitsFinish: true });
    expect(after.held).toBe(topology);
  });

  it('after a plan that ended early has what was done, step by step, in the order that was wanted', () => {
    const records = [
      record('volumeGroupCreated', [group]),
      record('volumeCreated', [w, v, u], 3, [1]),
      record('serveVolume', [w, u], 1),
    ];
    const after = stateAfter(initialState, records, topology);
    expect(volumesOf(after)).toEqual(['u', 'w*']);
    expect([...after.held.groups.values()]).toEqual([group]);
  });

  it('where nothing was done keeps what it held', () => {
    const records = [record('unserveVolume', [u, v], 0)];
    const after = stateAfter(serving, records, noHoldings);
    expect(after).toEqual(serving);
    expect(after.held).toBe(topology);
  });

  it('does not have steps in flight, though all have begun', () => {
    const running = record('unserveVolume', [u, v, w]);
    const inFlight = new Set([1]);
    const states = [inFlight, new Set<number>()].map((steps) =>
      stateAfter(serving, [running], noHoldings, {
        record: running,
        inFlight: steps,
      }),
    );
    expect(volumesOf(states[0]!).toSorted()).toEqual(['u', 'v*', 'w']);
    expect(states[1]!.held).toBe(noHoldings);
  });

  it('remembers volumes announced to leave until they are unserved, or kept after all', () => {
    const records = [
      record('volumeToBeUnserved', [u, v, w]),
      record('unserveVolume', [u, v], 1),
    ];
    const leaving = stateAfter(serving, records, noHoldings);
    expect([...leaving.leaving]).toEqual(['v', 'w']);
    const cancelled = record('volumeUnserveCancelled', [v]);
    const kept = stateAfter(leaving, [cancelled], topology);
    expect([...kept.leaving]).toEqual(['w']);
  });

  it('a signaledFinish that was called is not due again, even when it failed', () => {
    const waiting = { ...serving, awaitsFinish: true };
    const failed = record('signaledFinish', [null]);
    const step = { callback: 'signaledFinish', participant: 'p' } as const;
    const error = new CallbackError(step, 0, undefined, new Error('no'));
    failed.note(0, { kind: 'failed', error });
    expect(stateAfter(waiting, [failed], topology)).toMatchObject({
      awaitsFinish: false,
      finishFailed: true,
    });
    const uncalled = record('signaledFinish', [null], 0);
    expect(stateAfter(waiting, [uncalled], topology)).toMatchObject({
      awaitsFinish: true,
      finishFailed: false,
    });
    const done = record('signaledFinish', [null]);
    const failedBefore = { ...waiting, finishFailed: true };
    expect(stateAfter(failedBefore, [done], topology)).toMatchObject({
      awaitsFinish: false,
      finishFailed: false,
    });
  });
});

describe('one more step', () => {
  it.each<[CallbackName, string[]]>([
    ['volumeToBeUnserved', ['u*', 'v*', 'w*']],
    ['unserveVolume', ['u*', 'v', 'w*']],
    ['volumeLost', ['u*', 'v', 'w*']],
    ['volumeDestroyed', ['u*', 'w*']],
    ['volumeMoved', ['u*', 'v*', 'w*']],
    ['volumeChanged', ['u*', 'v*', 'w*']],
  ])('%s of a volume that is served', (callback, expected) => {
    expect(volumesOf(applyStep(serving, callback, v))).toEqual(expected);
  });

  it('volumeCreated does not serve, and serveVolume does, with the very record of the configuration', () => {
    const created = applyStep(initialState, 'volumeCreated', v);
    expect(volumesOf(created)).toEqual(['v']);
    const served = applyStep(created, 'serveVolume', v);
    expect(served.held.volumes.get('v')).toBe(v);
  });

  it('leaves the state before as it was', () => {
    applyStep(serving, 'volumeDestroyed', v);
    applyStep(serving, 'volumeGroupDestroyed', group);
    expect(volumesOf(serving)).toEqual(['u*', 'v*', 'w*']);
    expect(serving.held.groups.size).toBe(1);
  });

  it('down ends everything that a participant was told of itself', () => {
    const waiting = { ...serving, awaitsFinish: true };
    expect(applyStep(waiting, 'down', null)).toMatchObject({
      up: false,
      awaitsFinish: false,
    });
  });
});

it('a journal commits to each participant what was done of its own blocks', () => {
  const participants = ['first', 'second'].map((name, order) => ({
    name,
    order,
    callbacks: { volumeCreated: () => {} },
    concurrency: 1,
    timeout: undefined,
  }));
  const journal = new Journal(
    participants,
    participants.map((_, participant) => ({
      callback: 'volumeCreated',
      participant,
      targets: [u, v, w],
    })),
  );
  journal.records[0]!.started = 1;
  journal.records[1]!.started = 3;
  const states = participants.map(() => initialState);
  const wanted = [topology, noHoldings];
  const [first, second] = commitJournal(journal, states, wanted);
  expect(volumesOf(first!)).toEqual(['u']);
  expect(second!.held).toBe(noHoldings);
});
