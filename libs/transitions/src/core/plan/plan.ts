import type { CallbackName } from '../model/callbacks.js';
import { computeDelta, type TopologyDelta } from './delta.js';
import type { ParticipantState } from '../model/participant.js';
import {
  noHoldings,
  type Holdings,
  type Volume,
  type VolumeGroup,
} from '../model/topology.js';

/** What a callback is about: a group, a volume, or the participant itself. */
export type Target = VolumeGroup | Volume | null;

/** One participant's part of a phase: the same callback for targets in order. */
export interface PlanBlock {
  readonly callback: CallbackName;
  /** The participant's place in ascending order. */
  readonly participant: number;
  readonly targets: readonly Target[];
}

/** Which phases a plan consists of. */
export type PlanKind = 'up' | 'signaled' | 'rollback' | 'down';

interface Phase {
  readonly callback: CallbackName;
  readonly direction: 'forward' | 'reverse';
  readonly targets: (delta: TopologyDelta) => readonly Target[];
}

const itself: readonly Target[] = [null];
const forward = (
  callback: CallbackName,
  targets: Phase['targets'] = () => itself,
): Phase => ({ callback, direction: 'forward', targets });
const reverse = (
  callback: CallbackName,
  targets: Phase['targets'] = () => itself,
): Phase => ({ callback, direction: 'reverse', targets });

const announce = reverse('volumeToBeUnserved', (delta) => delta.toUnserve);
const unserve = reverse('unserveVolume', (delta) => delta.toUnserve);
const serve = forward('serveVolume', (delta) => delta.toServe);
const createGroups = forward(
  'volumeGroupCreated',
  (delta) => delta.groups.created,
);
const createVolumes = forward(
  'volumeCreated',
  (delta) => delta.volumes.created,
);
const destroyVolumes = reverse(
  'volumeDestroyed',
  (delta) => delta.volumes.destroyed,
);
const destroyGroups = reverse(
  'volumeGroupDestroyed',
  (delta) => delta.groups.destroyed,
);
const start = reverse('signaledStart');
const finish = forward('signaledFinish');

// Everything before the first unserve only adds or announces, so that it can be
// undone without an outage.
const changes: readonly Phase[] = [
  createGroups,
  createVolumes,
  unserve,
  forward('volumeGroupMoved', (delta) => delta.groups.moved),
  forward('volumeMoved', (delta) => delta.volumes.moved),
  forward('volumeGroupChanged', (delta) => delta.groups.changed),
  forward('volumeChanged', (delta) => delta.volumes.changed),
  serve,
  // What was announced and is kept after all is cancelled, once all serve again.
  forward('volumeUnserveCancelled'),
  destroyVolumes,
  destroyGroups,
];

const phases: Readonly<Record<PlanKind, readonly Phase[]>> = {
  up: [forward('up'), createGroups, createVolumes, serve, finish],
  signaled: [announce, start, ...changes, finish],
  // Whoever saw signaledStart is not told again; whoever did not has nothing to undo.
  rollback: [announce, ...changes, finish],
  down: [
    announce,
    start,
    unserve,
    destroyVolumes,
    destroyGroups,
    reverse('down'),
  ],
};

/** A participant's state, and what it is to hold afterwards. */
export interface PlannedChange {
  readonly state: ParticipantState;
  readonly wanted: Holdings;
}

/**
 * Plans a transition: for each participant (in ascending order) the difference
 * between what it holds and what is wanted, phase by phase, in the order that
 * {@link TransitionCallbacks} documents. Pure. Participants that share one
 * state and one goal share one delta.
 *
 * In `down` what is wanted is nothing, whatever the change says.
 */
export function planTransition(
  kind: PlanKind,
  changesWanted: readonly PlannedChange[],
): PlanBlock[] {
  const planner = new Planner(kind, changesWanted);
  return phases[kind].flatMap((phase) => planner.blocksOf(phase));
}

class Planner {
  private readonly deltas: readonly TopologyDelta[];
  private readonly reversed = new Map<readonly Target[], readonly Target[]>();

  constructor(
    private readonly kind: PlanKind,
    private readonly planned: readonly PlannedChange[],
  ) {
    const shared = new Map<Holdings, Map<Holdings, TopologyDelta>>();
    this.deltas = planned.map(({ state, wanted }) => {
      const goal = kind === 'down' ? noHoldings : wanted;
      let from = shared.get(state.held);
      if (from === undefined) shared.set(state.held, (from = new Map()));
      let delta = from.get(goal);
      if (delta === undefined) {
        from.set(goal, (delta = computeDelta(state.held, goal)));
      }
      return delta;
    });
  }

  blocksOf(phase: Phase): PlanBlock[] {
    const blocks: PlanBlock[] = [];
    for (let index = 0; index < this.planned.length; index++) {
      const targets = this.targetsOf(phase, index);
      if (targets.length === 0) continue;
      blocks.push({
        callback: phase.callback,
        participant: index,
        targets:
          phase.direction === 'forward' ? targets : this.reverseOf(targets),
      });
    }
    return phase.direction === 'forward' ? blocks : blocks.reverse();
  }

  private targetsOf(phase: Phase, index: number): readonly Target[] {
    const { state } = this.planned[index]!;
    const delta = this.deltas[index]!;
    switch (phase.callback) {
      case 'up':
        return state.up ? [] : itself;
      case 'down':
        return state.up ? itself : [];
      case 'signaledStart':
        return state.up && !state.signaled ? itself : [];
      case 'signaledFinish':
        return this.finishes(state) ? itself : [];
      case 'volumeToBeUnserved':
        return withoutNames(delta.toUnserve, state.leaving);
      case 'volumeUnserveCancelled':
        return keptAfterAll(state, delta);
      default:
        return phase.targets(delta);
    }
  }

  private finishes(state: ParticipantState): boolean {
    return this.kind === 'rollback' ? state.up && state.signaled : true;
  }

  private reverseOf(targets: readonly Target[]): readonly Target[] {
    let reversed = this.reversed.get(targets);
    if (reversed === undefined) {
      this.reversed.set(targets, (reversed = targets.toReversed()));
    }
    return reversed;
  }
}

function withoutNames(
  volumes: readonly Volume[],
  names: ReadonlySet<string>,
): readonly Volume[] {
  if (names.size === 0) return volumes;
  return volumes.filter(({ name }) => !names.has(name));
}

function keptAfterAll(
  { held, leaving }: ParticipantState,
  { toUnserve }: TopologyDelta,
): readonly Volume[] {
  if (leaving.size === 0) return [];
  const going = new Set(toUnserve.map(({ name }) => name));
  return [...held.volumes.values()].filter(
    ({ name }) => leaving.has(name) && !going.has(name),
  );
}
