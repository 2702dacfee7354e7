import { tearDown } from './tear-down.js';
import type { Transition, TransitionEnd } from './transition.js';

/** A Down: takes down what is really up, by a moment on the clock. */
export async function takeDown(
  transition: Transition,
  deadline: number,
): Promise<TransitionEnd> {
  const { draft, id } = transition;
  const { state, inForce } = transition.engine;
  state.wanted = undefined;
  if (inForce.held === undefined) {
    return { outcome: 'applied', configuration: 'old' };
  }
  const { generation, confMap } = inForce.held;
  const complete = await tearDown(transition, {
    context: { kind: 'down', id, generation, confMap, previous: confMap },
    deadline,
  });
  state.incomplete = !complete;
  const clean = complete && draft.errors.length === 0;
  return { outcome: clean ? 'applied' : 'failed', configuration: 'old' };
}
