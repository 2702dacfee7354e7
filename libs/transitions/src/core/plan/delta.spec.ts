import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { computeTopology } from '../configuration/configuration.js';
import { computeDelta, isEmptyDelta, type TopologyDelta } from './delta.js';
import type { Topology } from '../model/topology.js';

type Groups = Parameters<typeof sampleConf>[0];
type Sections = Parameters<typeof sampleConf>[1];

function topologyOf(groups: Groups, sections?: Sections): Topology {
  return computeTopology(sampleConf(groups, sections));
}

/** The sets that are not empty, each as a list of names. */
function namesIn(delta: TopologyDelta): Record<string, string[]> {
  const sets = {
    ...prefixed('groups', delta.groups),
    ...prefixed('volumes', delta.volumes),
    toUnserve: delta.toUnserve,
    toServe: delta.toServe,
  };
  return Object.fromEntries(
    Object.entries(sets)
      .filter(([, set]) => set.length > 0)
      .map(([name, set]) => [name, set.map((target) => target.name)]),
  );
}

function prefixed(
  prefix: string,
  sets: Readonly<Record<string, readonly { readonly name: string }[]>>,
) {
  return Object.fromEntries(
    Object.entries(sets).map(([name, set]) => [`${prefix}.${name}`, set]),
  );
}

const differences: readonly (readonly [
  string,
  Topology,
  Topology,
  Record<string, string[]>,
])[] = [
  [
    'equal content in other objects is no difference',
    topologyOf({ g: ['v'] }, { 'Volume:v': { Size: '1' } }),
    topologyOf({ g: ['v'] }, { 'Volume:v': { Size: '1' } }),
    {},
  ],
  [
    'a group with another primary is moved, and its volumes stop being served',
    topologyOf({ g: ['v', 'w'] }),
    topologyOf({ 'g@B': ['v', 'w'] }),
    { 'groups.moved': ['g'], toUnserve: ['v', 'w'] },
  ],
  [
    'a group with another address is changed, and its volumes stay served',
    topologyOf({ g: ['v'] }),
    topologyOf(
      { g: ['v'] },
      {
        'VolumeGroup:g': {
          VolumeList: 'v',
          PrimaryPeer: 'A',
          VirtualIPAddr: '10.0.0.1',
        },
      },
    ),
    { 'groups.changed': ['g'] },
  ],
  [
    'a longer VolumeList creates a volume and does not change the group',
    topologyOf({ g: ['v'] }),
    topologyOf({ g: ['v', 'w'] }),
    { 'volumes.created': ['w'], toServe: ['w'] },
  ],
  [
    'a volume that moves between two groups of this peer is unserved, moved and served',
    topologyOf({ g: ['v'], h: [] }),
    topologyOf({ g: [], h: ['v'] }),
    { 'volumes.moved': ['v'], toUnserve: ['v'], toServe: ['v'] },
  ],
  [
    'a volume that moves to another group and changes as well is only moved',
    topologyOf({ 'g@B': ['v'], 'h@B': [] }, { 'Volume:v': { Size: '1' } }),
    topologyOf({ 'g@B': [], 'h@B': ['v'] }, { 'Volume:v': { Size: '2' } }),
    { 'volumes.moved': ['v'] },
  ],
  [
    'a volume whose own section comes or goes is changed',
    topologyOf({ g: ['v', 'w'] }, { 'Volume:v': { Size: '1' } }),
    topologyOf({ g: ['v', 'w'] }, { 'Volume:w': { Size: '1' } }),
    { 'volumes.changed': ['v', 'w'] },
  ],
  [
    'what is created comes in the order that is wanted, what is destroyed in the order that is held',
    topologyOf({ b: ['z', 'y'], a: ['x'] }),
    topologyOf({ d: ['r', 'q'], c: ['p'] }),
    {
      'groups.created': ['d', 'c'],
      'groups.destroyed': ['b', 'a'],
      'volumes.created': ['r', 'q', 'p'],
      'volumes.destroyed': ['z', 'y', 'x'],
      toServe: ['r', 'q', 'p'],
      toUnserve: ['z', 'y', 'x'],
    },
  ],
];

const someTopology = fc
  .tuple(
    fc.array(fc.constantFrom('@A', '@B'), { minLength: 3, maxLength: 3 }),
    fc.array(fc.option(fc.nat(2)), { minLength: 5, maxLength: 5 }),
  )
  .map(([peers, homes]) =>
    topologyOf(
      Object.fromEntries(
        peers.map((peer, group) => [
          `g${group}${peer}`,
          homes.flatMap((home, volume) =>
            home === group ? [`v${volume}`] : [],
          ),
        ]),
      ),
    ),
  );

describe('a delta', () => {
  it.each(differences)('%s', (_law, from, to, expected) => {
    const delta = computeDelta(from, to);
    expect(namesIn(delta)).toEqual(expected);
    expect(isEmptyDelta(delta)).toBe(Object.keys(expected).length === 0);
  });

  it('takes the same record for equal without a look at it', () => {
    const topology = topologyOf({ g: ['v'] });
    const unreadable = {
      groups: topology.groups,
      volumes: new Map(
        [...topology.volumes].map(([name, volume]) => [
          name,
          Object.defineProperty({ ...volume }, 'section', {
            get: () => expect.unreachable('the section was read'),
          }),
        ]),
      ),
    };
    const copy = { ...unreadable, volumes: new Map(unreadable.volumes) };
    expect(isEmptyDelta(computeDelta(unreadable, copy))).toBe(true);
  });

  it('backwards has created for destroyed and serve for unserve', () => {
    fc.assert(
      fc.property(someTopology, someTopology, (one, other) => {
        const there = namesIn(computeDelta(one, other));
        const back = namesIn(computeDelta(other, one));
        const mirrored = (name: string): string[] =>
          (back[name] ?? []).toSorted();
        for (const [name, opposite] of [
          ['groups.created', 'groups.destroyed'],
          ['volumes.created', 'volumes.destroyed'],
          ['toServe', 'toUnserve'],
          ['groups.moved', 'groups.moved'],
          ['volumes.moved', 'volumes.moved'],
        ] as const) {
          expect((there[name] ?? []).toSorted()).toEqual(mirrored(opposite));
        }
      }),
    );
  });
});
