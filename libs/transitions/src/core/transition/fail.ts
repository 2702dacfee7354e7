import type { VolumeFailedError } from '../model/errors.js';
import { unserving } from '../plan/holdings.js';
import { doInSlices } from '../time/slices.js';
import type { Course } from './course.js';
import { planningOnly } from './retry.js';
import { SetAside } from './set-aside.js';
import type { Transition } from './transition.js';

/**
 * A volume failed while it was served: whoever serves it lets go of it, in reverse
 * order, and it is set aside, whatever `onFailure` says. A participant that fails
 * in that does not keep the others from it, and nothing is put back. What is still
 * served then, or unknown, is taken away when it is tried again.
 *
 * Where nobody serves it any more, and the configuration in force does not give
 * it to this peer either, nothing is left to do.
 */
export async function failVolume(
  transition: Transition,
  error: VolumeFailedError,
): Promise<Course> {
  const { engine, draft, runner, id, signal } = transition;
  const { state, inForce, sink, clock } = engine;
  // Volumes fail only while the module is up.
  const { confMap, generation, topology } = inForce.configuration!;
  const names = new Set([error.volume]);
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
  draft.addError(error);
  draft.add(journal);
  if (signal.aborted) {
    draft.addError(signal.reason);
    return { kind: 'stopped' };
  }
  draft.abandon(journal, 'because what they build on failed or is unknown');
  const { volume } = error;
  // At the end of the transition it is forgotten if nothing is wrong with it.
  state.failures.addFalling({ volume, error, generation });
  return {
    kind: 'changed',
    anything: blocks.length > 0,
    aside: new SetAside(),
  };
}
