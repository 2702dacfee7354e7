import { implementsCallback } from '../model/participant.js';
import { isServedIn, unserving } from '../plan/holdings.js';
import type { PlanBlock } from '../plan/plan.js';
import { listed } from '../model/error-text.js';
import type { CallbackError } from '../model/errors.js';
import type { Journal } from '../run/journal.js';
import type { RealState } from '../state/real-state.js';
import { doInSlices } from '../time/slices.js';
import type { Course } from './course.js';
import { planningOnly } from './retry.js';
import { SetAside } from './set-aside.js';
import type { Transition } from './transition.js';

// What one callback may use of the time that is left, where that is limited.
const shareOfTimeLeft = 0.5;

/** What else is to be known about a loss. */
export interface LossOptions {
  /** Whether the module goes down: then nothing of it is waited for. */
  readonly isOver: () => boolean;
  /** The moment on the clock from which on no step begins. Default: never. */
  readonly deadline?: number | undefined;
}

/** What reports call a loss. */
export function lossReason(volumeNames: Iterable<string>): string {
  return `lost ${listed([...volumeNames])}`;
}

/**
 * The leases of volumes were lost: whoever serves them stops, in reverse order,
 * and writes nothing. Nobody is told that a transition begins, or ends. A
 * participant without volumeLost gets unserveVolume. One that fails keeps none of
 * the others from it; what it still serves is taken from it when that is tried
 * again. What the configuration in force gives to this peer is waited for then,
 * unless that goes down.
 */
export async function loseVolumes(
  transition: Transition,
  volumeNames: ReadonlySet<string>,
  { isOver, deadline }: LossOptions,
): Promise<Course> {
  const { engine, draft, runner, id } = transition;
  const { state, inForce, sink, serving, clock } = engine;
  // Volumes are claimed only while a configuration is in force, or comes.
  const { confMap, generation, topology } = inForce.held!;
  const names = { groups: new Set<string>(), volumes: volumeNames };
  const { blocks, wanted } = await doInSlices(
    planningOnly(state, names, topology, (held) =>
      unserving(held, volumeNames),
    ),
    clock,
  );
  const losses = blocks
    .filter(({ callback }) => callback === 'unserveVolume')
    .map((block): PlanBlock => {
      const participant = state.participants[block.participant]!;
      return implementsCallback(participant, 'volumeLost')
        ? { ...block, callback: 'volumeLost' }
        : block;
    });
  const delta = await doInSlices(draft.planning(losses), clock);
  sink.emit({ type: 'transitionPlanned', id, generation, delta });
  const journal = await draft.timed('execute', () =>
    runner.run({
      blocks: losses,
      context: { kind: 'lost', id, generation, confMap, previous: confMap },
      onError: 'continue',
      wanted,
      ...(deadline === undefined ? {} : { deadline, shareOfTimeLeft }),
    }),
  );
  draft.add(journal);
  if (transition.stoppedBy !== undefined) {
    draft.addError(transition.stoppedBy);
    return { kind: 'stopped' };
  }
  draft.abandon(journal, 'because what they build on failed or is unknown');
  for (const [volume, error] of whyKept(journal, state)) {
    if (!isServedIn(state.states, volume)) continue;
    state.failures.addFalling({ volume, error, generation });
  }
  const absent = [...volumeNames].filter(
    (name) => topology.volumes.get(name)?.served,
  );
  if (isOver()) serving?.giveUp(absent);
  else serving?.wait(absent);
  // A reload that goes on after it has left what no configuration says.
  if (inForce.takenOver !== undefined) return { kind: 'between' };
  return {
    kind: 'changed',
    anything: losses.length > 0,
    aside: new SetAside(),
  };
}

/** Volumes of which somebody has not let go, each with what stood in the way. */
function whyKept(
  journal: Journal,
  { unknown }: RealState,
): ReadonlyMap<string, CallbackError> {
  const kept = new Map<string, CallbackError>();
  const errors = new Map<string, CallbackError>();
  // The first about each.
  for (const { target, error } of unknown.toReversed())
    if (target !== null) errors.set(target.name, error);
  for (const { target: name } of journal.untried) {
    const error = errors.get(name ?? '') ?? unknown[0]?.error;
    if (name !== undefined && error !== undefined) kept.set(name, error);
  }
  for (const { target, error } of journal.failedSteps())
    kept.set(target!.name, error);
  return kept;
}
