import { TransitionStateError } from '../model/errors.js';
import { isVolume, type Target } from '../model/step.js';
import type { Holdings, Topology } from '../model/topology.js';
import {
  adopting,
  findingHomes,
  volumesIn,
  type Names,
} from '../plan/holdings.js';
import { choosing } from '../plan/choosing.js';
import { mapping } from '../plan/mapping.js';
import { planningTransition } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
import type { SlicedWork } from '../time/slices.js';
import { refusingBlocked } from './admission.js';
import type { ChangeOptions } from './change-options.js';
import type { Engine } from './engine.js';

/** What a reset is about: a volume by its name, a group, or a participant itself. */
export type ResetTarget =
  string | { readonly group: string } | { readonly participant: string };

/** What reports call a reset. */
export function resetReason(target: ResetTarget): string {
  if (typeof target === 'string') return `reset ${target}`;
  return 'group' in target
    ? `reset group ${target.group}`
    : `reset participant ${target.participant}`;
}

/**
 * Forgets what is recorded against a volume, a group or a participant and plans
 * that alone, from what is really held to what the configuration in force says;
 * of a participant only that a transition begins and ends. As work that can be
 * sliced.
 *
 * @throws TransitionStateError when nobody knows it, TargetUnknownError when
 * something that it needs is unknown for another reason.
 */
export function* planningReset(
  engine: Engine,
  target: ResetTarget,
  topology: Topology,
): SlicedWork<Pick<ChangeOptions, 'blocks' | 'wanted'>> {
  const { state } = engine;
  const scope = yield* scopeOf(target, state, topology);
  if (scope === undefined) {
    throw new TransitionStateError(
      resetReason(target),
      'up',
      'nobody knows of such a one',
    );
  }
  state.forgetUnknown(({ participant, target: unknown }) =>
    scope.forgets(unknown, participant),
  );
  const wanted = yield* mapping(
    state.states.map(({ held }) => held),
    scope.wanted,
  );
  const planned = yield* planningTransition(
    'signaled',
    state.states.map((current, index) => ({
      state: current,
      wanted: wanted[index]!,
    })),
  );
  // With what frames every transition.
  const blocks = yield* choosing(
    planned,
    (each) => each === null || scope.concerns(each),
  );
  yield* refusingBlocked(engine, blocks);
  scope.forgetFailures();
  return { blocks, wanted };
}

/** How far a reset reaches. */
interface Scope {
  /** Whether a callback of a participant about a target is reset. */
  forgets(target: Target, participant: number): boolean;
  /** Whether a group or a volume is brought to what the configuration says. */
  concerns(target: NonNullable<Target>): boolean;
  /** What a participant is to hold afterwards. */
  readonly wanted: (held: Holdings) => SlicedWork<Holdings>;
  forgetFailures(): void;
}

/** Undefined where nobody knows the target. */
function* scopeOf(
  target: ResetTarget,
  state: RealState,
  topology: Topology,
): SlicedWork<Scope | undefined> {
  if (typeof target !== 'string' && 'participant' in target) {
    return scopeOfParticipant(target.participant, state);
  }
  const places = [topology, ...new Set(state.states.map(({ held }) => held))];
  const [name, names] =
    typeof target === 'string'
      ? [target, { groups: none, volumes: new Set([target]) }]
      : [target.group, groupWithVolumes(target.group, places)];
  const isKnown =
    places.some(({ groups, volumes }) =>
      (typeof target === 'string' ? volumes : groups).has(name),
    ) || state.unknown.some(({ target: unknown }) => unknown?.name === name);
  if (!isKnown) return undefined;
  const around = yield* findingHomes(names, places);
  return scopeOfNames(names, around, state, topology);
}

const none: ReadonlySet<string> = new Set();

/** A group with the volumes that anybody has in it. */
function groupWithVolumes(name: string, places: readonly Holdings[]): Names {
  const volumes = places.flatMap((place) =>
    volumesIn(place, name).map((volume) => volume.name),
  );
  return { groups: new Set([name]), volumes: new Set(volumes) };
}

/** `around`: with the groups in which the volumes are, and belong: they may have to be moved. */
function scopeOfNames(
  names: Names,
  around: Names,
  { failures }: RealState,
  topology: Topology,
): Scope {
  const concerns = (target: NonNullable<Target>): boolean =>
    (isVolume(target) ? around.volumes : around.groups).has(target.name);
  return {
    forgets: (target) => target !== null && concerns(target),
    concerns,
    wanted: (held) => adopting(held, topology, names, around),
    forgetFailures: () => {
      for (const group of names.groups) failures.forgetGroup(group);
      for (const volume of names.volumes) failures.forgetVolume(volume);
    },
  };
}

/** Its volumes are left to the next reload: to those around it they are served. */
function scopeOfParticipant(name: string, state: RealState): Scope | undefined {
  const index = state.participants.findIndex((each) => each.name === name);
  if (index === -1) return undefined;
  return {
    forgets: (_target, participant) => participant === index,
    concerns: () => false,
    wanted: theSame,
    forgetFailures: () => {},
  };
}

function* theSame(held: Holdings): SlicedWork<Holdings> {
  yield;
  return held;
}
