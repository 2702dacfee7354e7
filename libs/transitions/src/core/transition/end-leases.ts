import { withinTime } from '../time/clock.js';
import { doInSlices } from '../time/slices.js';
import { releasingUnserved } from './claims.js';
import type { Transition } from './transition.js';

/** Lets go of all that nobody serves any more; the rest is kept until the process ends. */
export async function endLeases(
  { engine, runner }: Transition,
  deadline: number,
): Promise<void> {
  const { serving, state, clock } = engine;
  if (serving === undefined) return;
  serving.beginToEnd();
  await doInSlices(releasingUnserved(serving, runner.touched, state), clock);
  await withinTime(serving.end(), Math.max(0, deadline - clock.now()), clock);
}
