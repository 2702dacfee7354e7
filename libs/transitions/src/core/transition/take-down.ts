import { withinTime } from '../time/clock.js';
import { releaseUnserved } from './claims.js';
import type { Course } from './course.js';
import { tearDown } from './tear-down.js';
import type { Transition } from './transition.js';

/** A Down: takes down what is really up, by a moment on the clock. */
export async function takeDown(
  transition: Transition,
  deadline: number,
): Promise<Course> {
  const { id } = transition;
  const { state, inForce } = transition.engine;
  state.wanted = undefined;
  if (inForce.held !== undefined) {
    const { generation, confMap } = inForce.held;
    await tearDown(transition, {
      context: { kind: 'down', id, generation, confMap, previous: confMap },
      deadline,
    });
  }
  await endLeases(transition, deadline);
  return { kind: 'takenDown' };
}

/** Lets go of all that nobody serves any more; the rest is kept until the process ends. */
async function endLeases(
  { engine, runner }: Transition,
  deadline: number,
): Promise<void> {
  const { serving, state, clock } = engine;
  if (serving === undefined) return;
  releaseUnserved(serving, runner.touched, state.states, state.unknown);
  await withinTime(serving.end(), Math.max(0, deadline - clock.now()), clock);
}
