import { listed } from '../model/error-text.js';
import { DeviationError } from '../model/errors.js';
import { noHoldings } from '../model/topology.js';
import {
  comparing,
  computingDelta,
  isEmptyDelta,
  setsOf,
} from '../plan/delta.js';
import { Deviation } from '../plan/deviation.js';
import type { TransitionOutcome } from '../report/outcome.js';
import type { ReportDraft } from '../report/report-draft.js';
import type { TransitionReport } from '../report/report.js';
import type { RealState } from '../state/real-state.js';
import type { SlicedWork } from '../time/slices.js';
import type { Course } from './course.js';

/** How a transition ended, and which configuration is in force then. */
export interface TransitionEnd {
  readonly outcome: TransitionOutcome;
  readonly configuration: TransitionReport['configuration'];
}

/**
 * Decides how a transition ended, once, after everything that settled by now was
 * taken over, from what is held. `applied` and `unchanged` carry no error, every
 * other outcome has its reason. As work that can be sliced.
 */
export function* decidingOutcome(
  course: Course,
  state: RealState,
  draft: ReportDraft,
): SlicedWork<TransitionEnd> {
  const end = yield* endOf(course, state, draft);
  if (end.outcome === 'applied' || end.outcome === 'unchanged') {
    // Callbacks that outlived their time, and were done after all.
    draft.errors.length = 0;
  } else if (draft.errors.length === 0) {
    draft.addError(new DeviationError(yield* differencesIn(state)));
  }
  return end;
}

function* endOf(
  course: Course,
  state: RealState,
  draft: ReportDraft,
): SlicedWork<TransitionEnd> {
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
        outcome: yield* outcomeOfChange(course, state, draft),
        configuration: 'new',
      };
    case 'undone': {
      const isUndone = yield* undone(state, course);
      const outcome = isUndone ? 'rolledBack' : 'degraded';
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

function* outcomeOfChange(
  { anything, aside }: Extract<Course, { kind: 'changed' }>,
  state: RealState,
  draft: ReportDraft,
): SlicedWork<TransitionOutcome> {
  const standing = state.failures.list;
  for (const failure of standing) draft.failed.push(failure);
  // A boot comes up with what is set aside, however that is held.
  const deviation = yield* Deviation.comparing(state.states, state.wanted!);
  const deviates =
    draft.kind === 'up'
      ? yield* deviation.isBeyond(state.excusing(aside.names))
      : yield* state.degradedBeyond(aside.names, deviation);
  if (deviates) return 'degraded';
  const { volumes, groups } = aside.names;
  const isPartial =
    standing.length > 0 ||
    [...volumes].some((name) => deviation.concernsVolume(name)) ||
    [...groups].some((name) => deviation.concernsGroup(name));
  if (isPartial) return 'partial';
  return anything ? 'applied' : 'unchanged';
}

/** Whether everything is as it was to be after undoing. */
function* undone(
  { states, unknown }: RealState,
  { wanted, before }: Extract<Course, { kind: 'undone' }>,
): SlicedWork<boolean> {
  if (unknown.length > 0) return false;
  for (const [index, state] of states.entries()) {
    const { held, leaving, awaitsFinish, finishFailed } = state;
    const hasFinished =
      !awaitsFinish && (!finishFailed || before[index]!.finishFailed);
    if (!hasFinished || leaving.size > 0) return false;
    const delta = yield* comparing(held, wanted[index]!);
    if (!isEmptyDelta(delta)) return false;
  }
  return true;
}

/** In words, who holds what otherwise than it is wanted. */
function* differencesIn({
  states,
  participants,
  wanted = noHoldings,
  unknown,
}: RealState): SlicedWork<string[]> {
  const differences: string[] = [];
  for (const [index, { name }] of participants.entries()) {
    const { up, awaitsFinish, finishFailed, held, leaving } = states[index]!;
    const delta = yield* computingDelta(held, wanted);
    const targets = setsOf(delta).flatMap((set) =>
      set.map((target) => target.name),
    );
    differences.push(
      ...(wanted !== noHoldings && !up ? [`${name} is not up`] : []),
      ...(awaitsFinish ? [`${name} has had no signaledFinish`] : []),
      ...(finishFailed ? [`${name} failed in signaledFinish`] : []),
      ...(leaving.size > 0
        ? [`${name} still expects ${listed([...leaving])} to leave`]
        : []),
      ...(targets.length > 0
        ? [`${name} holds otherwise: ${listed([...new Set(targets)])}`]
        : []),
      ...unknown
        .filter(({ participant }) => participant === index)
        .map(({ error }) => error.message),
    );
  }
  return differences;
}
