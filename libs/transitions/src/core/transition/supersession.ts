import type { Configuration } from '../configuration/configuration.js';
import { doInSlices } from '../time/slices.js';
import {
  checkingPlan,
  load,
  planTo,
  validate,
  type Admitted,
} from './admission.js';
import type { ReloadRequest } from './job-queue.js';
import type { Transition } from './transition.js';

/**
 * Takes a configuration through every check while another reload runs, which it
 * is to supersede. Loading and meaning are checked beside that one; before the
 * participants are asked it comes to rest, so that nobody has two callbacks at
 * once. What is held then counts for the blast radius.
 *
 * Resolves to undefined, and leaves the running one alone, where a check fails or
 * that one has ended, or has begun to undo, by now.
 */
export async function checkBeside(
  running: Transition,
  own: Transition,
  request: ReloadRequest,
): Promise<Configuration | undefined> {
  const { draft, engine } = own;
  const loaded = await draft.timed('load', () => load(own, request));
  if (!running.mayBeSuperseded) return undefined;
  const isAtRest = await running.runner.pause.begin();
  if (!isAtRest || !running.mayBeSuperseded) return undefined;
  const to = { ...loaded, generation: engine.inForce.nextGeneration };
  draft.warnings = to.warnings;
  const isValid = await draft.timed('validate', () =>
    validate(own, 'signaled', to),
  );
  if (!isValid) return undefined;
  const states = running.runner.statesNow()();
  const admitted = await planTo(own, 'signaled', to, states);
  await doInSlices(
    checkingPlan(own, 'signaled', admitted, states, request.force),
    engine.clock,
  );
  return running.mayBeSuperseded && !own.signal.aborted ? to : undefined;
}

/**
 * The plan from what is really held, now that the superseded reload has ended.
 * Every check was made: nothing is refused any more.
 */
export async function admitChecked(
  transition: Transition,
  to: Configuration,
): Promise<Admitted> {
  const { state, clock } = transition.engine;
  await doInSlices(state.takingOverSettled(), clock);
  return planTo(transition, 'signaled', to, state.states);
}
