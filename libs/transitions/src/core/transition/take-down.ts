import { endLeases } from './end-leases.js';
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
