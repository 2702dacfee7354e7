import type { ConfMap } from '@nestjs-transitions/conf';
import { computeTopology, type Topology } from 'nestjs-transitions/core';
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

/** What a configuration wants every participant to hold; computed once. */
export function wantedBy(confMap: ConfMap): Held {
  let held = configured.get(confMap);
  if (held === undefined) configured.set(confMap, (held = read(confMap)));
  return held;
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
