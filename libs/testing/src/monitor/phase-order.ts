import {
  computeTopology,
  type CallbackName,
  type Topology,
} from 'nestjs-transitions/core';
import { lineOf, type Call } from '../call-log.js';
import type { Violation } from './violation.js';

type Direction = 'fwd' | 'rev';

const shared = {
  volumeToBeUnserved: 'rev',
  signaledStart: 'rev',
  unserveVolume: 'rev',
  volumeDestroyed: 'rev',
  volumeGroupDestroyed: 'rev',
  volumeGroupCreated: 'fwd',
  volumeCreated: 'fwd',
  serveVolume: 'fwd',
  signaledFinish: 'fwd',
  validate: 'fwd',
} as const;

/** Each kind of transition: its phases in order, and which way each goes. */
const phases: Readonly<
  Record<'up' | 'signaled' | 'down', readonly (readonly [string, Direction])[]>
> = {
  up: [
    ['validate', 'fwd'],
    ['up', 'fwd'],
    ...pick('volumeGroupCreated', 'volumeCreated', 'serveVolume'),
    ['signaledFinish', 'fwd'],
  ],
  signaled: [
    ['validate', 'fwd'],
    ...pick('volumeToBeUnserved', 'signaledStart'),
    ...pick('volumeGroupCreated', 'volumeCreated', 'unserveVolume'),
    ['volumeGroupMoved', 'fwd'],
    ['volumeMoved', 'fwd'],
    ['volumeGroupChanged', 'fwd'],
    ['volumeChanged', 'fwd'],
    ['serveVolume', 'fwd'],
    ['volumeUnserveCancelled', 'fwd'],
    ...pick('volumeDestroyed', 'volumeGroupDestroyed', 'signaledFinish'),
  ],
  down: [
    ...pick('volumeToBeUnserved', 'signaledStart', 'unserveVolume'),
    ...pick('volumeDestroyed', 'volumeGroupDestroyed'),
    ['down', 'rev'],
  ],
};

function pick(...names: (keyof typeof shared)[]): [string, Direction][] {
  return names.map((name) => [name, shared[name]]);
}

const newNamesFirst = new Set<CallbackName>([
  'volumeGroupCreated',
  'volumeGroupMoved',
  'volumeGroupChanged',
  'volumeCreated',
  'volumeMoved',
  'volumeChanged',
  'serveVolume',
]);

/** What the order of the calls of one transition is judged by. */
export interface OrderedRun {
  readonly kind: 'up' | 'signaled' | 'down';
  /** In the order in which they began. */
  readonly calls: readonly Call[];
  /** The participants in ascending order. */
  readonly participants: readonly string[];
  /** The configuration in force before; undefined where the state was none. */
  readonly before: Topology | undefined;
  /**
   * Whether new names follow their configuration: a compensation of some
   * volumes goes back to one configuration while the others stay in another.
   */
  readonly newInOrder: boolean;
}

/**
 * What is wrong with the order of one run: phases in their order, in each the
 * participants in theirs, and at each participant the targets in theirs.
 */
export function* orderViolations(run: OrderedRun): Generator<Violation> {
  let last:
    { readonly call: Call; readonly rank: readonly number[] } | undefined;
  for (const call of run.calls) {
    const rank = rankOf(call, run);
    if (rank === undefined) {
      const message = `${lineOf(call)} is no part of ${run.kind}`;
      yield { invariant: 'I12', message };
      continue;
    }
    if (last !== undefined && compare(last.rank, rank) > 0) {
      const at = rank.findIndex((place, index) => place !== last!.rank[index]);
      yield {
        invariant: ['I12', 'I11', 'I1'][at] ?? 'I11',
        message: `${lineOf(call)} (${call.kind}) came after ${lineOf(last.call)}`,
      };
    }
    last = { call, rank };
  }
}

function rankOf(call: Call, run: OrderedRun): number[] | undefined {
  const order = phases[run.kind];
  const phase = order.findIndex(([name]) => name === call.callback);
  if (phase === -1) return undefined;
  const sign = order[phase]![1] === 'fwd' ? 1 : -1;
  const participant = run.participants.indexOf(call.participant) * sign;
  return [phase, participant, placeOf(call, run) * sign];
}

/** The place of a call's target in configuration order; 0 where that is not known. */
function placeOf(call: Call, { before, newInOrder }: OrderedRun): number {
  if (call.target === undefined) return 0;
  const after = newInOrder ? topologyOf(call) : undefined;
  const topology = newNamesFirst.has(call.callback) ? after : before;
  if (topology === undefined) return 0;
  const isGroup = call.callback.startsWith('volumeGroup');
  const places = placesOf(topology);
  return (isGroup ? places.groups : places.volumes).get(call.target) ?? -1;
}

interface Places {
  readonly groups: ReadonlyMap<string, number>;
  readonly volumes: ReadonlyMap<string, number>;
}

const placesCache = new WeakMap<Topology, Places>();

function placesOf(topology: Topology): Places {
  let places = placesCache.get(topology);
  if (places === undefined) {
    const { groups, volumes } = topology;
    places = { groups: numbered(groups), volumes: numbered(volumes) };
    placesCache.set(topology, places);
  }
  return places;
}

function numbered(named: ReadonlyMap<string, unknown>): Map<string, number> {
  return new Map([...named.keys()].map((name, index) => [name, index]));
}

const topologies = new WeakMap<object, Topology>();

/** The topology of the configuration that a call was given. */
export function topologyOf({ confMap }: Pick<Call, 'confMap'>): Topology {
  let topology = topologies.get(confMap);
  if (topology === undefined) {
    topologies.set(confMap, (topology = computeTopology(confMap)));
  }
  return topology;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, place] of a.entries()) {
    if (place !== b[index]) return place - b[index]!;
  }
  return 0;
}
