import {
  readingConfiguration,
  type Configuration,
} from '../configuration/configuration.js';
import { Loading } from '../configuration/loading.js';
import {
  ConfigurationError,
  TargetUnknownError,
  TooManyUnservedError,
  VetoError,
} from '../model/errors.js';
import {
  implementsCallback,
  initialState,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import { stepOf, type Target } from '../model/step.js';
import { findingServed, unserving } from '../plan/holdings.js';
import { planningTransition, type PlanBlock } from '../plan/plan.js';
import type { UnknownStep } from '../run/unknown-step.js';
import { doInSlices, type SlicedWork } from '../time/slices.js';
import type { ChangeOptions } from './change-options.js';
import type { Engine } from './engine.js';
import type { ReloadRequest } from './job-queue.js';
import type { Transition } from './transition.js';

/** What a configuration that passed every check adds to a change. */
export type Admitted = Pick<ChangeOptions, 'to' | 'blocks' | 'wanted'>;

/**
 * Takes a configuration through every check there is before anything changes:
 * loading (within `callbackTimeout`), upgrading, meaning and schemas, the
 * `validate` of every participant, the blast radius, and what is still unknown. Resolves to undefined
 * when it is refused; why is in the report.
 */
export async function admit(
  transition: Transition,
  kind: 'up' | 'signaled',
  request: ReloadRequest,
): Promise<Admitted | undefined> {
  const { draft } = transition;
  try {
    const to = await draft.timed('load', () => load(transition, request));
    draft.warnings = to.warnings;
    const valid = await draft.timed('validate', () =>
      validate(transition, kind, to),
    );
    // After every wait, so that the plan starts from what is then.
    const { engine } = transition;
    const { state, clock } = engine;
    await doInSlices(takingOverBeforehand(engine), clock);
    const { states } = state;
    const admitted = await planTo(transition, kind, to, states);
    await doInSlices(
      checkingPlan(transition, kind, admitted, states, request.force),
      clock,
    );
    return valid ? admitted : undefined;
  } catch (thrown) {
    draft.addError(thrown);
    return undefined;
  }
}

/**
 * What has settled late is taken over, before a transition plans anything. As work
 * that can be sliced.
 */
export function* takingOverBeforehand({
  state,
  inForce,
}: Engine): SlicedWork<void> {
  // Who was called in what this one goes on with is not called again.
  if (inForce.takenOver === undefined) yield* state.takingOverBeforehand();
  else yield* state.takingOverSettled();
}

/** Loads what is asked for and checks what it means. @throws the reason to refuse it */
export async function load(
  { engine, signal }: Transition,
  request: ReloadRequest,
): Promise<Configuration> {
  const { settings, clock, inForce } = engine;
  const limit = settings.callbackTimeout;
  const loading = new Loading(request, limit, clock, signal);
  const loaded = await loading.run(inForce.configuration?.loaded);
  const { nextGeneration, configuration: before } = inForce;
  const { configuration, problems } = await doInSlices(
    readingConfiguration(loaded, nextGeneration, before),
    clock,
  );
  const more = await engine.schemas?.check(configuration, before, {
    clock,
    timeLimit: limit,
    signal,
  });
  const all = [...problems, ...(more ?? [])];
  if (all.length > 0) throw new ConfigurationError(all);
  return configuration;
}

/** Asks every participant. Resolves to whether none objects; why is in the report. */
export async function validate(
  transition: Transition,
  kind: 'up' | 'signaled',
  configuration: Configuration,
): Promise<boolean> {
  const { draft, runner, id, engine } = transition;
  const { participants, states, unknown } = engine.state;
  const journal = await runner.run({
    blocks: participants.flatMap((participant, index) =>
      implementsCallback(participant, 'validate')
        ? [{ callback: 'validate', participant: index, targets: [null] }]
        : [],
    ),
    context: {
      kind,
      id,
      generation: configuration.generation,
      confMap: configuration.confMap,
      previous: engine.inForce.configuration?.confMap,
    },
    onError: 'continue',
    wanted: states.map(({ held }) => held),
    changesNothing: true,
  });
  draft.addCalls(journal);
  for (const { error } of journal.failedSteps()) {
    const { participant } = error.step;
    draft.addError(new VetoError(participant, error.cause ?? error));
  }
  const { stoppedBy } = transition;
  if (stoppedBy !== undefined) {
    draft.addError(stoppedBy);
    return false;
  }
  // A participant that is unknown cannot be asked.
  if (journal.untried.length > 0) throw unknownError(participants, unknown);
  return journal.complete;
}

/**
 * What leads from what is held to a configuration, in slices. What it starts from
 * cannot change meanwhile: while a transition runs, what settles late waits until
 * a plan is committed, or the transition ends.
 */
export async function planTo(
  transition: Transition,
  kind: 'up' | 'signaled',
  to: Configuration,
  states: readonly ParticipantState[],
): Promise<Admitted> {
  const { clock, state } = transition.engine;
  // What is another peer's still is waited for, and comes by itself.
  const goal = await doInSlices(unserving(to.topology, state.absent), clock);
  const wanted = states.map(() => goal);
  const blocks = await doInSlices(
    planningTransition(
      kind,
      states.map((each) => ({ state: each, wanted: goal })),
      { compared: transition.compared },
    ),
    clock,
  );
  // Whatever is checked next, the report says what was planned.
  await doInSlices(transition.draft.planning(blocks), clock);
  return { to, blocks, wanted };
}

/**
 * As work that can be sliced.
 *
 * @throws TooManyUnservedError unless it is forced, TargetUnknownError
 */
export function* checkingPlan(
  transition: Transition,
  kind: 'up' | 'signaled',
  { to }: Admitted,
  states: readonly ParticipantState[],
  force = false,
): SlicedWork<void> {
  if (!force) yield* checkingBlastRadius(transition, states);
  yield* refusingUnknown(transition.engine, kind, to);
}

/** @throws TooManyUnservedError */
function* checkingBlastRadius(
  { engine, draft }: Transition,
  states: readonly ParticipantState[],
): SlicedWork<void> {
  const { maxUnserve } = engine.settings;
  if (engine.inForce.configuration === undefined) return;
  if (draft.delta.volumesUnserved <= maxUnserve) return;
  const served = yield* findingServed(states.map(({ held }) => held));
  throw new TooManyUnservedError(
    draft.delta.volumesUnserved,
    served.size,
    maxUnserve,
  );
}

/**
 * Refuses a configuration that changes what is unknown. One that leaves it alone
 * may come into force: steps for what is unknown are passed over then.
 *
 * @throws TargetUnknownError
 */
function* refusingUnknown(
  engine: Engine,
  kind: 'up' | 'signaled',
  to: Configuration,
): SlicedWork<void> {
  const from = engine.inForce.configuration;
  if (engine.state.unknown.length === 0 || from === undefined) return;
  const asConfigured = { ...initialState, up: true, held: from.topology };
  const blocks = yield* planningTransition(
    kind,
    engine.state.states.map(() => ({
      state: asConfigured,
      wanted: to.topology,
    })),
  );
  yield* refusingBlocked(engine, blocks);
}

/**
 * Refuses a plan that needs a target whose last callback has not settled: with
 * `isolate` only where a participant itself is unknown, for then nothing at all
 * can be done. As work that can be sliced.
 *
 * @throws TargetUnknownError
 */
export function* refusingBlocked(
  { state, settings }: Engine,
  blocks: readonly PlanBlock[],
): SlicedWork<void> {
  if (state.unknown.length === 0) return;
  const blocked = yield* state.blockingTargets();
  const isNeeded = (target: Target): boolean =>
    target === null || settings.onFailure === 'rollback';
  let looked = 0;
  for (const { callback, participant, targets } of blocks) {
    for (const target of targets) {
      if (++looked % 256 === 0) yield;
      if (isNeeded(target) && blocked.has(participant, callback, target)) {
        throw unknownError(state.participants, state.unknown);
      }
    }
  }
}

function unknownError(
  participants: readonly Participant[],
  unknown: readonly UnknownStep[],
): TargetUnknownError {
  return new TargetUnknownError(
    unknown.map(({ callback, participant, target }) =>
      stepOf(callback, participants[participant]!, target),
    ),
  );
}
