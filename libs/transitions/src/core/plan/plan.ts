import { meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import { doAtOnce, type SlicedWork } from '../time/slices.js';
import {
  computingDelta,
  type DeltaOptions,
  targetsIn,
  type TopologyDelta,
} from './delta.js';
import type { ComparedBases } from './compare-bases.js';
import { inOrder } from './order.js';
import { orderOf, type HoldingsOrder, type SetOrder } from './order-sets.js';
import type { ParticipantState } from '../model/participant.js';
import type { Target } from '../model/step.js';
import { noHoldings, type Holdings, type Volume } from '../model/topology.js';

/** One participant's part of a phase: one callback for targets, in order. */
export interface PlanBlock {
  readonly callback: CallbackName;
  /** The participant's place in ascending order. */
  readonly participant: number;
  readonly targets: readonly Target[];
}

/** The kind of a plan: which phases it consists of. */
export type PlanKind = 'up' | 'signaled' | 'rollback' | 'down';

// Everything before the first unserve only adds or announces, so it can be
// undone without an outage.
const changes: readonly CallbackName[] = [
  'volumeGroupCreated',
  'volumeCreated',
  'unserveVolume',
  'volumeGroupMoved',
  'volumeMoved',
  'volumeGroupChanged',
  'volumeChanged',
  'serveVolume',
  // For what was announced to leave and stays after all, once all serve it
  // again.
  'volumeUnserveCancelled',
  'volumeDestroyed',
  'volumeGroupDestroyed',
];

/** The phases of each kind of plan, in their order. */
const phases: Readonly<Record<PlanKind, readonly CallbackName[]>> = {
  up: [
    'up',
    'volumeGroupCreated',
    'volumeCreated',
    'serveVolume',
    'signaledFinish',
  ],
  signaled: [
    'volumeToBeUnserved',
    'signaledStart',
    ...changes,
    'signaledFinish',
  ],
  // No signaledStart: who has seen it is not told again, and who has not has
  // nothing to undo.
  rollback: ['volumeToBeUnserved', ...changes, 'signaledFinish'],
  down: [
    'volumeToBeUnserved',
    'signaledStart',
    'unserveVolume',
    'volumeDestroyed',
    'volumeGroupDestroyed',
    'down',
  ],
};

const itself: readonly Target[] = [null];

/** A participant's state, and what it should hold afterwards. */
export interface PlannedChange {
  readonly state: ParticipantState;
  readonly wanted: Holdings;
}

/**
 * Plans a transition: the difference between what each participant holds and
 * what is wanted of it, phase by phase, in the order that {@link
 * TransitionCallbacks} documents. `changesWanted` has the participants in
 * ascending order. Pure. Participants that hold the same and want the same
 * share one delta.
 *
 * In a `down` nothing is wanted, whatever `changesWanted` says. Targets come in
 * the order of what is held and wanted, or in `order` if it is given.
 */
export function planTransition(
  kind: PlanKind,
  changesWanted: readonly PlannedChange[],
  options?: DeltaOptions,
): PlanBlock[] {
  return doAtOnce(planningTransition(kind, changesWanted, options));
}

/** {@link planTransition} as work that can be sliced. */
export function* planningTransition(
  kind: PlanKind,
  changesWanted: readonly PlannedChange[],
  { order, compared = new Map() }: DeltaOptions = {},
): SlicedWork<PlanBlock[]> {
  const deltas = yield* deltasOf(kind, changesWanted, order, compared);
  const planner = new Planner(kind, changesWanted, deltas, order);
  const blocks: PlanBlock[] = [];
  for (const callback of phases[kind]) {
    blocks.push(...planner.blocksOf(callback));
    yield;
  }
  return blocks;
}

/** One delta for each change. Changes between the same holdings share one. */
function* deltasOf(
  kind: PlanKind,
  planned: readonly PlannedChange[],
  order: HoldingsOrder | undefined,
  compared: ComparedBases,
): SlicedWork<readonly TopologyDelta[]> {
  const shared: ComparedBases = new Map();
  const deltas: TopologyDelta[] = [];
  for (const { state, wanted } of planned) {
    const to = kind === 'down' ? noHoldings : wanted;
    let from = shared.get(state.held);
    if (from === undefined) shared.set(state.held, (from = new Map()));
    let delta = from.get(to);
    if (delta === undefined) {
      const isInOrder = order?.isOf(state.held) && order.isOf(to);
      delta = yield* computingDelta(state.held, to, {
        compared,
        order: isInOrder ? undefined : order,
      });
      from.set(to, delta);
    }
    deltas.push(delta);
  }
  return deltas;
}

class Planner {
  private readonly reversed = new Map<readonly Target[], readonly Target[]>();

  constructor(
    private readonly kind: PlanKind,
    private readonly planned: readonly PlannedChange[],
    private readonly deltas: readonly TopologyDelta[],
    private readonly order: HoldingsOrder | undefined,
  ) {}

  blocksOf(callback: CallbackName): PlanBlock[] {
    const forward = meaningOf(callback).direction === 'forward';
    const blocks: PlanBlock[] = [];
    for (let index = 0; index < this.planned.length; index++) {
      const targets = this.targetsOf(callback, index);
      if (targets.length === 0) continue;
      blocks.push({
        callback,
        participant: index,
        targets: forward ? targets : this.reverseOf(targets),
      });
    }
    return forward ? blocks : blocks.reverse();
  }

  private targetsOf(callback: CallbackName, index: number): readonly Target[] {
    const { state, wanted } = this.planned[index]!;
    const delta = this.deltas[index]!;
    switch (callback) {
      case 'up':
        return state.up ? [] : itself;
      case 'down':
        return state.up ? itself : [];
      case 'signaledStart':
        return state.up && !state.awaitsFinish ? itself : [];
      case 'signaledFinish':
        return this.finishes(state) ? itself : [];
      case 'volumeToBeUnserved':
        return withoutNames(delta.toUnserve, state.leaving);
      case 'volumeUnserveCancelled':
        return keptAfterAll(state, this.order ?? orderOf(wanted), delta);
      default: {
        const { targets } = meaningOf(callback);
        return targets === undefined ? [] : targetsIn(delta, targets);
      }
    }
  }

  private finishes(state: ParticipantState): boolean {
    return this.kind === 'rollback' ? state.up && state.awaitsFinish : true;
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

/** Volumes that were announced to leave, and will not. */
function keptAfterAll(
  { held, leaving }: ParticipantState,
  order: SetOrder,
  { toUnserve }: TopologyDelta,
): readonly Volume[] {
  if (leaving.size === 0) return [];
  const going = new Set(toUnserve.map(({ name }) => name));
  const kept = [...leaving].flatMap((name) =>
    going.has(name) ? [] : (held.volumes.get(name) ?? []),
  );
  return inOrder(kept, order.volumes);
}
