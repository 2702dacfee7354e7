import type { Topology } from 'nestjs-transitions/core';
import { lineOf, type Call } from '../../call-log.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';
import type { Phases } from './phases.js';

/** Calls that are one run through phases. */
export interface Run {
  readonly phases: Phases;
  /** In the order in which they began. */
  readonly calls: readonly Call[];
  /** The participants in ascending order. */
  readonly participants: readonly string[];
}

/**
 * What is wrong with the order of one run: phases in their order, in each the
 * participants in theirs, and at each participant the targets in theirs.
 */
export function* orderViolations(run: Run): Generator<Violation> {
  let last:
    { readonly call: Call; readonly rank: readonly number[] } | undefined;
  for (const call of run.calls) {
    const rank = rankOf(call, run);
    if (rank === undefined) {
      const message = `${lineOf(call)} (${call.kind}) is no part of this`;
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

function rankOf(
  call: Call,
  { phases, participants }: Run,
): number[] | undefined {
  const phase = phases.get(call.callback);
  if (phase === undefined) return undefined;
  const [place, direction] = phase;
  const sign = direction === 'fwd' ? 1 : -1;
  const participant = participants.indexOf(call.participant);
  return [place, participant * sign, placeOf(call, direction) * sign];
}

/**
 * The place of a call's target in the order of the configuration. What is given,
 * or undone, is in that which the callbacks are told; what a reload takes away, in
 * that which was in force. Whatever that one does not have comes after it: in the
 * order of the other one where it is from there.
 */
function placeOf(call: Call, direction: 'fwd' | 'rev'): number {
  const { target, kind, confMap, previous, callback } = call;
  if (target === undefined) return 0;
  const isTaken = kind === 'signaled' && direction === 'rev';
  const told = topologyOf(isTaken ? (previous ?? confMap) : confMap);
  const isGroup = callback.startsWith('volumeGroup');
  const place = placesOf(told, isGroup).get(target);
  if (place !== undefined) return place;
  const size = placesOf(told, isGroup).size;
  const other =
    kind === 'rollback' && previous
      ? placesOf(topologyOf(previous), isGroup)
      : undefined;
  return size + (other?.get(target) ?? other?.size ?? 0);
}

const numberedGroups = new WeakMap<Topology, ReadonlyMap<string, number>>();
const numberedVolumes = new WeakMap<Topology, ReadonlyMap<string, number>>();

function placesOf(
  topology: Topology,
  ofGroups: boolean,
): ReadonlyMap<string, number> {
  const cache = ofGroups ? numberedGroups : numberedVolumes;
  let places = cache.get(topology);
  if (places === undefined) {
    const { groups, volumes } = topology;
    const names = ofGroups ? groups.keys() : volumes.keys();
    places = new Map(Array.from(names, (name, index) => [name, index]));
    cache.set(topology, places);
  }
  return places;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, place] of a.entries()) {
    if (place !== b[index]) return place - b[index]!;
  }
  return 0;
}
