import { TransitionStateError } from '../model/errors.js';
import type { ParticipantState } from '../model/participant.js';
import { isVolume, type Target } from '../model/step.js';
import type { Holdings, Topology } from '../model/topology.js';
import {
  mapHoldings,
  volumesIn,
  withHomes,
  withThoseOf,
  type Names,
} from '../plan/holdings.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import type { RealState } from '../state/real-state.js';
import { refuseBlocked } from './admission.js';
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
 * of a participant only that a transition begins and ends.
 *
 * @throws TransitionStateError when nobody knows it, TargetUnknownError when
 * something that it needs is unknown for another reason.
 */
export function planReset(
  engine: Engine,
  target: ResetTarget,
  topology: Topology,
): Pick<ChangeOptions, 'blocks' | 'wanted'> {
  const { state } = engine;
  const scope = scopeOf(target, state, topology);
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
  const wanted = scope.wanted(state.states);
  const blocks = planTransition(
    'signaled',
    state.states.map((current, index) => ({
      state: current,
      wanted: wanted[index]!,
    })),
  ).flatMap((block) => only(block, scope));
  refuseBlocked(engine, blocks);
  scope.forgetFailures();
  return { blocks, wanted };
}

/** How far a reset reaches. */
interface Scope {
  /** Whether a callback of a participant about a target is reset. */
  forgets(target: Target, participant: number): boolean;
  /** Whether a group or a volume is brought to what the configuration says. */
  concerns(target: NonNullable<Target>): boolean;
  /** What each participant is to hold afterwards. */
  wanted(states: readonly ParticipantState[]): readonly Holdings[];
  forgetFailures(): void;
}

/** Undefined where nobody knows the target. */
function scopeOf(
  target: ResetTarget,
  state: RealState,
  topology: Topology,
): Scope | undefined {
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
  return isKnown ? scopeOfNames(names, state, topology, places) : undefined;
}

const none: ReadonlySet<string> = new Set();

/** A group with the volumes that anybody has in it. */
function groupWithVolumes(name: string, places: readonly Holdings[]): Names {
  const volumes = places.flatMap((place) =>
    volumesIn(place, name).map((volume) => volume.name),
  );
  return { groups: new Set([name]), volumes: new Set(volumes) };
}

/** With the groups in which the volumes are, and belong: they may have to be moved. */
function scopeOfNames(
  names: Names,
  { failures }: RealState,
  topology: Topology,
  places: readonly Holdings[],
): Scope {
  const around = withHomes(names, places);
  const concerns = (target: NonNullable<Target>): boolean =>
    (isVolume(target) ? around.volumes : around.groups).has(target.name);
  return {
    forgets: (target) => target !== null && concerns(target),
    concerns,
    wanted: (states) =>
      mapHoldings(states, (held) => withThoseOf(held, topology, names, around)),
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
    wanted: (states) => states.map(({ held }) => held),
    forgetFailures: () => {},
  };
}

/** A block with the targets that are reset alone, and what frames every transition. */
function only(block: PlanBlock, scope: Scope): PlanBlock[] {
  const targets = block.targets.filter(
    (target) => target === null || scope.concerns(target),
  );
  return targets.length === 0 ? [] : [{ ...block, targets }];
}
