import { admit } from './admission.js';
import { Change } from './change.js';
import type { ChangeOptions } from './change-options.js';
import type { Course } from './course.js';
import type { ReloadRequest } from './job-queue.js';
import { admitStandIn } from './stand-in.js';
import { tellSource } from './tell-source.js';
import { planReset, type ResetTarget } from './reset.js';
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
  const { inForce } = transition.engine;
  const from = inForce.configuration;
  const admitted =
    (await admit(transition, kind, request)) ??
    (kind === 'up' ? await admitStandIn(transition, request) : undefined);
  if (admitted === undefined) return refused(transition);
  const { to } = admitted;
  const course = await change(transition, { kind, from, ...admitted });
  if (course.kind === 'changed') {
    inForce.put(to);
    if (to.stale === undefined) await tellSource(transition, request, to);
  } else transition.draft.errors.push(...(to.stale?.errors ?? []));
  return course;
}

/** A reset: brings its target to what the configuration in force says. */
export async function reset(
  transition: Transition,
  target: ResetTarget,
): Promise<Course> {
  // Resets run only while the module is up.
  const to = transition.engine.inForce.configuration!;
  let plan;
  try {
    plan = planReset(transition.engine, target, to.topology);
  } catch (thrown) {
    transition.draft.addError(thrown);
    return refused(transition);
  }
  return change(transition, { kind: 'signaled', to, from: to, ...plan });
}

async function change(
  transition: Transition,
  options: ChangeOptions,
): Promise<Course> {
  const { engine, draft, id } = transition;
  engine.inForce.begin(options.to);
  engine.sink.emit({
    type: 'transitionPlanned',
    id,
    generation: options.to.generation,
    delta: draft.plan(options.blocks),
  });
  return new Change(transition, options).run();
}

function refused({ signal }: Transition): Course {
  return { kind: signal.aborted ? 'stopped' : 'refused' };
}
