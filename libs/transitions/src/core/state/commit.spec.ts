import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import type { CallbackName } from '../model/callbacks.js';
import { computeTopology } from '../configuration/configuration.js';
import { CallbackError } from '../model/errors.js';
import { BlockRecord } from '../run/block-record.js';
import { Journal } from '../run/journal.js';
import { initialState, type ParticipantState } from '../model/participant.js';
import type { Target } from '../model/step.js';
import { planTransition } from '../plan/plan.js';
import { doAtOnce } from '../time/slices.js';
import { committing, stateAfter } from './commit.js';
import { StateDraft } from './state-draft.js';
import { noHoldings } from '../model/topology.js';

const topology = computeTopology(sampleConf({ g: ['u', 'v', 'w'] }));
const group = topology.groups.get('g')!;
const [u, v, w] = [...topology.volumes.values()] as [Target, Target, Target];
const serving: ParticipantState = { ...initialState, up: true, held: topology };

function applyStep(
  state: ParticipantState,
  callback: CallbackName,
  target: Target,
): ParticipantState {
  const draft = new StateDraft(state);
  draft.apply(callback, target);
  return draft.finish();
}

/** A block of which so many steps, or all, have begun; those listed were skipped. */
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

/** `v*` if it is served. */
function volumesOf({ held }: ParticipantState): string[] {
  return [...held.volumes.values()].map(
    ({ name, served }) => `${name}${served ? '*' : ''}`,
  );
}

/** Volumes u to z, each in a group of A or of B, or in none. */
const someTopology = fc
  .record({
    homes: fc.array(fc.constantFrom('g', 'h', 'i@B', ''), {
      minLength: 6,
      maxLength: 6,
    }),
    isMoved: fc.boolean(),
  })
  .map(({ homes, isMoved }) => {
    const groups: Record<string, string[]> = {};
    for (const [index, home] of homes.entries()) {
      if (home === '') continue;
      const place = isMoved && home === 'h' ? 'h@B' : home;
      (groups[place] ??= []).push('uvwxyz'[index]!);
    }
    return computeTopology(sampleConf(groups));
  });

/** After how many steps a plan ends, and how many of every seven are skipped. */
const someEnd = fc.record({ after: fc.nat(60), failing: fc.nat(6) });

function endEarly(
  records: readonly BlockRecord[],
  { after, failing }: { readonly after: number; readonly failing: number },
): void {
  let left = after;
  for (const each of records) {
    each.started = Math.min(left, each.block.targets.length);
    left -= each.started;
    for (let index = 0; index < each.started; index++) {
      if ((after + index) % 7 < failing) each.note(index, { kind: 'skipped' });
    }
  }
}

function linesOf(state: ParticipantState): string[] {
  const { held, leaving, up, awaitsFinish } = state;
  return [
    `${up} ${awaitsFinish}`,
    ...Array.from(
      held.groups.values(),
      ({ name, primaryPeer }) => `${name}@${primaryPeer}`,
    ).toSorted(),
    ...Array.from(
      held.volumes.values(),
      ({ name, groupName, served }) => `${groupName}/${name} ${served}`,
    ).toSorted(),
    ...[...leaving].toSorted(),
  ];
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

  it('after a plan that ended early has what was done of it, however much that is', () => {
    fc.assert(
      fc.property(someTopology, someTopology, someEnd, (from, to, end) => {
        const state = { ...initialState, up: true, held: from };
        const records = planTransition('signaled', [{ state, wanted: to }]).map(
          ({ callback, targets }) => record(callback, targets),
        );
        endEarly(records, end);
        const after = stateAfter(state, records, to);
        let expected: ParticipantState = state;
        for (const { block, ...each } of records.map((one) => ({
          block: one.block,
          done: [...one.doneTargets()],
        }))) {
          for (const target of each.done) {
            expected = applyStep(expected, block.callback, target);
          }
        }
        expect(linesOf(after)).toEqual(linesOf(expected));
      }),
    );
  });

  it('where nothing was done keeps what it held', () => {
    const records = planTransition('down', [
      { state: serving, wanted: noHoldings },
    ]).map(({ callback, targets }) => record(callback, targets, 0));
    const after = stateAfter(serving, records, noHoldings);
    expect(after).toEqual(serving);
    expect(after.held).toBe(topology);
  });

  it('does not have steps in flight, though all have begun', () => {
    const held = computeTopology(sampleConf({ 'g@B': ['u', 'v', 'w'] }));
    const running = record('unserveVolume', [w, v, u]);
    const inFlight = new Set([1]);
    const states = [inFlight, new Set<number>()].map((steps) =>
      stateAfter(serving, [running], held, {
        record: running,
        inFlight: steps,
      }),
    );
    expect(volumesOf(states[0]!)).toEqual(['u', 'v*', 'w']);
    expect(states[1]!.held).toBe(held);
  });

  it('remembers volumes announced to leave until they are unserved, or kept after all', () => {
    const records = [
      record('volumeToBeUnserved', [w, v, u]),
      record('unserveVolume', [w, v, u], 1),
    ];
    const leaving = stateAfter(serving, records, noHoldings);
    expect([...leaving.leaving].toSorted()).toEqual(['u', 'v']);
    const cancelled = record('volumeUnserveCancelled', [v]);
    const kept = stateAfter(leaving, [cancelled], leaving.held);
    expect([...kept.leaving]).toEqual(['u']);
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
  const [first, second] = doAtOnce(committing(journal.records, states, wanted));
  expect(volumesOf(first!)).toEqual(['u']);
  expect(second!.held).toBe(noHoldings);
});
