import type { Configuration } from '../configuration/configuration.js';
import { isVolume } from '../model/step.js';
import type { RealState } from '../state/real-state.js';
import { admit, type Admitted } from './admission.js';
import { Change } from './change.js';
import type { ChangeOptions } from './change-options.js';
import type { Course } from './course.js';
import type { ReloadRequest } from './job-queue.js';
import { planningRetry, type Due } from './retry.js';
import { admitStandIn } from './stand-in.js';
import { tellSource } from './tell-source.js';
import { planningReset, type ResetTarget } from './reset.js';
import { doInSlices } from '../time/slices.js';
import { endLeases } from './end-leases.js';
import { admitChecked } from './supersession.js';
import type { Transition } from './transition.js';

/**
 * A boot or a reload, from top to bottom: load, check and validate what is asked
 * for, plan (all in `admit`), carry out the plan and finish (all in `Change`). A
 * boot may fall back to another configuration before anything is carried out.
 */
export async function bringIntoForce(
  transition: Transition,
  kind: 'up' | 'signaled',
  request: ReloadRequest,
): Promise<Course> {
  transition.mayBeSuperseded = kind === 'signaled';
  const admitted =
    (await admit(transition, kind, request)) ??
    (kind === 'up' ? await admitStandIn(transition, request) : undefined);
  return admitted === undefined || transition.supersededBy !== undefined
    ? refused(transition)
    : force(transition, kind, admitted, request);
}

/** A reload that takes over from another: its configuration was checked before. */
export async function takeOver(
  transition: Transition,
  to: Configuration,
  request: ReloadRequest,
): Promise<Course> {
  transition.mayBeSuperseded = true;
  const admitted = await admitChecked(transition, to);
  return transition.supersededBy === undefined
    ? force(transition, 'signaled', admitted, request)
    : refused(transition);
}

/** A reset: brings its target to what the configuration in force says. */
export async function reset(
  transition: Transition,
  target: ResetTarget,
): Promise<Course> {
  // Resets run only while the module is up.
  const { engine } = transition;
  const { inForce, settings, clock } = engine;
  const to = inForce.configuration!;
  let plan;
  try {
    plan = await doInSlices(planningReset(engine, target, to.topology), clock);
  } catch (thrown) {
    transition.draft.addError(thrown);
    return refused(transition);
  }
  const { onFailure } = settings;
  const isolated = new Set<string>();
  const from = to;
  return change(transition, {
    kind: 'signaled',
    to,
    from,
    ...plan,
    onFailure,
    isolated,
  });
}

/** Tries again to bring what is set aside to what the configuration in force says. */
export async function retry(transition: Transition, due: Due): Promise<Course> {
  // Retries run only while the module is up.
  const { inForce, state, clock } = transition.engine;
  const to = inForce.configuration!;
  const plan = await doInSlices(planningRetry(state, due, to.topology), clock);
  return change(transition, {
    kind: 'signaled',
    to,
    from: to,
    ...plan,
    onFailure: 'isolate',
    isolated: new Set(),
  });
}

async function force(
  transition: Transition,
  kind: 'up' | 'signaled',
  admitted: Admitted,
  request: ReloadRequest,
): Promise<Course> {
  const { inForce, serving, clock, settings, state } = transition.engine;
  const { to } = admitted;
  const { configuration: from, takenOver } = inForce;
  serving?.begin(to.topology.whoAmI);
  const isolated = state.failures.all.volumes;
  state.failures.endFalling(unknownVolumes(state));
  const course = await change(transition, {
    kind,
    from,
    takenOver,
    ...admitted,
    onFailure: settings.onFailure,
    isolated,
  });
  if (course.kind !== 'superseded') inForce.takenOver = undefined;
  if (course.kind === 'changed') {
    inForce.put(to);
    // Nothing is left to take over from.
    transition.mayBeSuperseded = false;
    if (to.stale === undefined) await tellSource(transition, request, to);
  } else transition.draft.errors.push(...(to.stale?.errors ?? []));
  // A boot that was undone leaves nothing.
  if (course.kind === 'tornDown') {
    await endLeases(transition, clock.now() + settings.rollbackTimeout);
  }
  return course;
}

async function change(
  transition: Transition,
  options: ChangeOptions,
): Promise<Course> {
  const { engine, draft, runner, id } = transition;
  const delta = await doInSlices(draft.planning(options.blocks), engine.clock);
  // What may take over has a generation of its own only while this one has none.
  if (runner.pause.isOn) await runner.pause.over();
  if (transition.supersededBy !== undefined) return refused(transition);
  engine.inForce.begin(options.to);
  engine.sink.emit({
    type: 'transitionPlanned',
    id,
    generation: options.to.generation,
    delta,
  });
  return new Change(transition, options).run();
}

function refused({ signal, supersededBy, draft, engine }: Transition): Course {
  if (supersededBy !== undefined) {
    draft.addCause(supersededBy);
    return { kind: 'superseded', by: supersededBy };
  }
  // What was to go on with it does not.
  engine.inForce.takenOver = undefined;
  return { kind: signal.aborted ? 'stopped' : 'refused' };
}

function unknownVolumes({ unknown }: RealState): ReadonlySet<string> {
  return new Set(
    unknown.flatMap(({ target }) =>
      target !== null && isVolume(target) ? target.name : [],
    ),
  );
}
