import type { ConfMap } from '@nestjs-transitions/conf';
import {
  computeTopology,
  type Topology,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { optionsOf, type Held, type HeldVolume } from './participant-model.js';

const topologies = new WeakMap<ConfMap, Topology>();

/** The topology of a configuration; computed once. */
export function topologyOf(confMap: ConfMap): Topology {
  let topology = topologies.get(confMap);
  if (topology === undefined) {
    topologies.set(confMap, (topology = computeTopology(confMap)));
  }
  return topology;
}

const configured = new WeakMap<ConfMap, Held>();

/** What a report, or a snapshot, says of volumes that another peer holds. */
export type Waiting = Pick<TransitionReport, 'waiting'>;

/**
 * What a configuration wants every participant to hold; computed once. Nobody is to
 * serve what is waited for.
 */
export function wantedBy(
  confMap: ConfMap,
  { waiting }: Waiting = { waiting: [] },
): Held {
  let held = configured.get(confMap);
  if (held === undefined) configured.set(confMap, (held = read(confMap)));
  if (waiting.length === 0) return held;
  const volumes = new Map(held.volumes);
  for (const { volume: name } of waiting) {
    const volume = volumes.get(name);
    if (volume !== undefined) volumes.set(name, { ...volume, served: false });
  }
  return { ...held, volumes };
}

function read(confMap: ConfMap): Held {
  const { groups, volumes } = topologyOf(confMap);
  return {
    up: true,
    signaled: false,
    groups: new Map(
      Array.from(groups.keys(), (name) => [
        name,
        optionsOf(confMap, `VolumeGroup:${name}`),
      ]),
    ),
    volumes: new Map(
      Array.from(
        volumes.values(),
        ({ name, groupName, served }) =>
          [
            name,
            {
              group: groupName,
              served,
              options: optionsOf(confMap, `Volume:${name}`),
            },
          ] satisfies [string, HeldVolume],
      ),
    ),
    leaving: new Set(),
  };
}
