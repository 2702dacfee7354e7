import { withinTime } from '../time/clock.js';
import { releaseUnserved } from './claims.js';
import type { Transition } from './transition.js';

/** Lets go of all that nobody serves any more; the rest is kept until the process ends. */
export async function endLeases(
  { engine, runner }: Transition,
  deadline: number,
): Promise<void> {
  const { serving, state, clock } = engine;
  if (serving === undefined) return;
  releaseUnserved(serving, runner.touched, state.states, state.unknown);
  await withinTime(serving.end(), Math.max(0, deadline - clock.now()), clock);
}
