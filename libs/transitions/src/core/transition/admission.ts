import {
  checkingConfiguration,
  type Configuration,
} from '../configuration/configuration.js';
import { Loading } from '../configuration/loading.js';
import {
  TargetUnknownError,
  TooManyUnservedError,
  VetoError,
} from '../model/errors.js';
import { implementsCallback } from '../model/participant.js';
import { stepOf } from '../model/step.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import { doInSlices } from '../time/slices.js';
import type { ChangeOptions } from './change-options.js';
import type { Engine } from './engine.js';
import type { ReloadRequest } from './job-queue.js';
import type { Transition } from './transition.js';

/** What a configuration that passed every check adds to a change. */
export type Admitted = Pick<ChangeOptions, 'to' | 'blocks' | 'wanted'>;

/**
 * Takes a configuration through every check there is before anything changes:
 * loading (within `callbackTimeout`), upgrading, meaning, the `validate` of every
 * participant, the blast radius, and what is still unknown. Resolves to undefined
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
    const admitted = plan(transition, kind, to, request.force ?? false);
    return valid ? admitted : undefined;
  } catch (thrown) {
    draft.addError(thrown);
    return undefined;
  }
}

async function load(
  { engine, signal }: Transition,
  request: ReloadRequest,
): Promise<Configuration> {
  const { settings, clock, inForce } = engine;
  const limit = settings.callbackTimeout;
  const loaded = await new Loading(request, limit, clock, signal).run();
  const { nextGeneration, configuration } = inForce;
  return doInSlices(
    checkingConfiguration(loaded, nextGeneration, configuration),
    clock,
  );
}

async function validate(
  transition: Transition,
  kind: 'up' | 'signaled',
  configuration: Configuration,
): Promise<boolean> {
  const { draft, runner, id, engine } = transition;
  const { participants, states } = engine.state;
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
  });
  draft.addCalls(journal);
  for (const { error } of journal.failedSteps()) {
    const { participant } = error.step;
    draft.addError(new VetoError(participant, error.cause ?? error));
  }
  const { stoppedBy } = transition;
  if (stoppedBy !== undefined) draft.addError(stoppedBy);
  return journal.complete && stoppedBy === undefined;
}

function plan(
  transition: Transition,
  kind: 'up' | 'signaled',
  to: Configuration,
  force: boolean,
): Admitted {
  const { states } = transition.engine.state;
  const wanted = states.map(() => to.topology);
  const blocks = planTransition(
    kind,
    states.map((state) => ({ state, wanted: to.topology })),
  );
  if (!force) checkBlastRadius(transition, blocks);
  refuseUnknown(transition.engine, blocks);
  return { to, blocks, wanted };
}

/** @throws TooManyUnservedError */
function checkBlastRadius(
  { engine, draft }: Transition,
  blocks: readonly PlanBlock[],
): void {
  const { maxUnserve } = engine.settings;
  const { configuration } = engine.inForce;
  if (configuration === undefined || maxUnserve === Infinity) return;
  const { volumesUnserved } = draft.plan(blocks);
  if (volumesUnserved <= maxUnserve) return;
  const served = [...configuration.topology.volumes.values()].filter(
    (volume) => volume.served,
  ).length;
  throw new TooManyUnservedError(volumesUnserved, served, maxUnserve);
}

/**
 * Refuses a plan that needs a target whose last callback has not settled: with
 * `isolate` only where a participant itself is unknown, for then nothing at all
 * can be done.
 *
 * @throws TargetUnknownError
 */
export function refuseUnknown(
  { state, settings }: Engine,
  blocks: readonly PlanBlock[],
): void {
  if (state.unknown.length === 0) return;
  const blocked = state.blockedTargets();
  const needed = blocks.some(({ callback, participant, targets }) =>
    targets.some(
      (target) =>
        (target === null || settings.onFailure === 'rollback') &&
        blocked.has(participant, callback, target),
    ),
  );
  if (!needed) return;
  throw new TargetUnknownError(
    state.unknown.map(({ callback, participant, target }) =>
      stepOf(callback, state.participants[participant]!, target),
    ),
  );
}
