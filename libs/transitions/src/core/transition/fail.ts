import type { VolumeFailedError } from '../model/errors.js';
import { unserving } from '../plan/holdings.js';
import { doInSlices } from '../time/slices.js';
import type { Course } from './course.js';
import { planningOnly } from './retry.js';
import { SetAside } from './set-aside.js';
import type { Transition } from './transition.js';

/**
 * Volumes failed while they were served: whoever serves them lets go of them, in
 * reverse order, and they are set aside, whatever `onFailure` says. A participant
 * that fails in that does not keep the others from it, and nothing is put back. What
 * is still served then, or unknown, is taken away when it is tried again.
 *
 * Where nobody serves them any more, and the configuration in force does not give
 * them to this peer either, nothing is left to do.
 */
export async function failVolumes(
  transition: Transition,
  errors: readonly VolumeFailedError[],
): Promise<Course> {
  const { engine, draft, runner, id, signal } = transition;
  const { state, inForce, sink, clock } = engine;
  // Volumes fail only while the module is up.
  const { confMap, generation, topology } = inForce.configuration!;
  const names = new Set(errors.map(({ volume }) => volume));
  const { blocks, wanted } = await doInSlices(
    planningOnly(
      state,
      { groups: new Set(), volumes: names },
      topology,
      (held) => unserving(held, names),
    ),
    clock,
  );
  const delta = await doInSlices(draft.planning(blocks), clock);
  sink.emit({ type: 'transitionPlanned', id, generation, delta });
  const journal = await draft.timed('execute', () =>
    runner.run({
      blocks,
      context: { kind: 'signaled', id, generation, confMap, previous: confMap },
      onError: 'continue',
      wanted,
    }),
  );
  for (const error of errors) draft.addError(error);
  draft.add(journal);
  if (signal.aborted) {
    draft.addError(signal.reason);
    return { kind: 'stopped' };
  }
  draft.abandon(journal, 'because what they build on failed or is unknown');
  // At the end of the transition those are forgotten with which nothing is wrong.
  for (const error of errors) {
    state.failures.addFalling({ volume: error.volume, error, generation });
  }
  return {
    kind: 'changed',
    anything: blocks.length > 0,
    aside: new SetAside(),
  };
}
