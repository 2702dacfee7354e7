import { DeviationError } from '../model/errors.js';
import { noHoldings } from '../model/topology.js';
import { computeDelta, isEmptyDelta } from '../plan/delta.js';
import { Deviation } from '../plan/deviation.js';
import type { TransitionOutcome } from '../report/outcome.js';
import type { ReportDraft } from '../report/report-draft.js';
import type { TransitionReport } from '../report/report.js';
import type { RealState } from '../state/real-state.js';
import type { Course } from './course.js';

/** How a transition ended, and which configuration is in force then. */
export interface TransitionEnd {
  readonly outcome: TransitionOutcome;
  readonly configuration: TransitionReport['configuration'];
}

/**
 * Decides how a transition ended, once, after everything that settled by now was
 * taken over, from what is held. `applied` and `unchanged` carry no error, every
 * other outcome has its reason.
 */
export function decideOutcome(
  course: Course,
  state: RealState,
  draft: ReportDraft,
): TransitionEnd {
  const end = endOf(course, state, draft);
  if (end.outcome === 'applied' || end.outcome === 'unchanged') {
    // Callbacks that outlived their time, and were done after all.
    draft.errors.length = 0;
  } else if (draft.errors.length === 0) {
    draft.addError(new DeviationError(differencesIn(state)));
  }
  return end;
}

function endOf(
  course: Course,
  state: RealState,
  draft: ReportDraft,
): TransitionEnd {
  switch (course.kind) {
    case 'refused':
      return { outcome: 'rejected', configuration: 'old' };
    case 'stopped':
      return { outcome: 'failed', configuration: 'old' };
    case 'superseded':
      draft.supersededBy = course.by.generation;
      return { outcome: 'superseded', configuration: 'old' };
    case 'between': {
      const outcome = draft.errors.length === 0 ? 'applied' : 'degraded';
      return { outcome, configuration: 'new' };
    }
    case 'changed':
      return {
        outcome: outcomeOfChange(course, state, draft),
        configuration: 'new',
      };
    case 'undone': {
      const outcome = isUndone(state, course) ? 'rolledBack' : 'degraded';
      return { outcome, configuration: 'old' };
    }
    case 'tornDown': {
      // After a boot there is no configuration in force to compare with.
      state.incomplete = !state.isEmpty;
      const outcome = state.incomplete ? 'degraded' : 'rolledBack';
      return { outcome, configuration: 'old' };
    }
    case 'takenDown': {
      state.incomplete = !state.isEmpty;
      const isClean = !state.incomplete && draft.errors.length === 0;
      return { outcome: isClean ? 'applied' : 'failed', configuration: 'old' };
    }
    case 'broken':
      state.incomplete = true;
      return { outcome: 'degraded', configuration: 'old' };
  }
}

function outcomeOfChange(
  { anything, aside }: Extract<Course, { kind: 'changed' }>,
  state: RealState,
  draft: ReportDraft,
): TransitionOutcome {
  const standing = state.failures.list;
  draft.failed.push(...standing);
  // A boot comes up with what is set aside, however that is held.
  const deviates =
    draft.kind === 'up'
      ? new Deviation(state.states, state.wanted!).isBeyond(
          state.excusing(aside.names),
        )
      : state.isDegradedBeyond(aside.names);
  if (deviates) return 'degraded';
  const deviation = new Deviation(state.states, state.wanted!);
  const { volumes, groups } = aside.names;
  const isPartial =
    standing.length > 0 ||
    [...volumes].some((name) => deviation.concernsVolume(name)) ||
    [...groups].some((name) => deviation.concernsGroup(name));
  if (isPartial) return 'partial';
  return anything ? 'applied' : 'unchanged';
}

function isUndone(
  { states, unknown }: RealState,
  { wanted, before }: Extract<Course, { kind: 'undone' }>,
): boolean {
  if (unknown.length > 0) return false;
  return states.every((state, index) => {
    const { held, leaving, awaitsFinish, finishFailed } = state;
    const hasFinished =
      !awaitsFinish && (!finishFailed || before[index]!.finishFailed);
    return (
      hasFinished &&
      leaving.size === 0 &&
      isEmptyDelta(computeDelta(held, wanted[index]!))
    );
  });
}

/** In words, who holds what otherwise than it is wanted. */
function differencesIn({
  states,
  participants,
  wanted,
  unknown,
}: RealState): string[] {
  return participants.flatMap(({ name }, index) => {
    const { up, awaitsFinish, finishFailed, held, leaving } = states[index]!;
    const delta = computeDelta(held, wanted ?? noHoldings);
    const targets = [
      ...Object.values(delta.groups),
      ...Object.values(delta.volumes),
      delta.toServe,
      delta.toUnserve,
    ].flatMap((set) => set.map((target) => target.name));
    return [
      ...(wanted !== undefined && !up ? [`${name} is not up`] : []),
      ...(awaitsFinish ? [`${name} has had no signaledFinish`] : []),
      ...(finishFailed ? [`${name} failed in signaledFinish`] : []),
      ...(leaving.size > 0
        ? [`${name} still expects ${[...leaving].join(', ')} to leave`]
        : []),
      ...(targets.length > 0
        ? [`${name} holds otherwise: ${[...new Set(targets)].join(', ')}`]
        : []),
      ...unknown
        .filter(({ participant }) => participant === index)
        .map(({ error }) => error.message),
    ];
  });
}
