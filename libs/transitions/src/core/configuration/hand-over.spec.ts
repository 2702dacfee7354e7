import { ConfMap } from '@nestjs-transitions/conf';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../model/errors.js';
import { planHandOver } from './hand-over.js';
import { readTopology } from './topology-reader.js';

const peers = ['A', 'B', 'C'];

interface Group {
  readonly primary: string;
  readonly volumes: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

function clusterOf(groups: Readonly<Record<string, Group>>): ConfMap {
  const sections = Object.entries(groups).map(([name, group]) => [
    `VolumeGroup:${name}`,
    {
      VolumeList: group.volumes,
      PrimaryPeer: group.primary === '' ? [] : [group.primary],
      VirtualIPAddr: [],
      ...group.options,
    },
  ]);
  return ConfMap.fromObject({
    Cluster: { Peers: peers },
    FSGlobals: { VolumeGroupList: Object.keys(groups) },
    ...Object.fromEntries(sections),
  });
}

/** The peer that serves each volume, as all peers read it. */
function servers(confMap: ConfMap): Map<string, string> {
  const { groups, volumes } = readTopology(confMap).topology;
  return new Map(
    [...volumes.values()].map(({ name, groupName }) => [
      name,
      groups.get(groupName)!.primaryPeer,
    ]),
  );
}

const groupNames = ['g', 'h', 'i', 'g-HandOver'];
const volumeNames = ['u', 'v', 'w', 'x', 'y'];

const cluster = fc
  .record({
    primaries: fc.record(
      Object.fromEntries(
        groupNames.map((name) => [name, fc.constantFrom('', ...peers)]),
      ),
      { requiredKeys: [] },
    ),
    homes: fc.record(
      Object.fromEntries(
        volumeNames.map((name) => [
          name,
          fc.constantFrom(undefined, ...groupNames),
        ]),
      ),
    ),
  })
  .map(({ primaries, homes }) =>
    clusterOf(
      Object.fromEntries(
        Object.entries(primaries).map(([name, primary = '']) => [
          name,
          {
            primary,
            volumes: volumeNames.filter((volume) => homes[volume] === name),
          },
        ]),
      ),
    ),
  );

describe('with a hand-over between two configurations', () => {
  it('no volume has two servers, whichever of two neighbours each peer has', () => {
    fc.assert(
      fc.property(cluster, cluster, (from, to) => {
        const between = planHandOver(from, to);
        for (const [one, other] of [
          [from, between],
          [between, to],
        ] as const) {
          const others = servers(other);
          for (const [volume, peer] of servers(one)) {
            const second = others.get(volume) ?? '';
            expect(peer === '' || second === '' || peer === second).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('volumes that keep their peer are served throughout, and all stay known', () => {
    fc.assert(
      fc.property(cluster, cluster, (from, to) => {
        const [before, between, after] = [
          servers(from),
          servers(planHandOver(from, to)),
          servers(to),
        ];
        expect([...between.keys()].sort()).toEqual([...before.keys()].sort());
        for (const [volume, peer] of before) {
          const next = after.get(volume) ?? '';
          const moves = peer !== '' && next !== '' && peer !== next;
          expect(between.get(volume)).toBe(moves ? '' : peer);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('every configuration between is valid', () => {
    fc.assert(
      fc.property(cluster, cluster, (from, to) => {
        const { problems } = readTopology(planHandOver(from, to));
        expect(problems.map(({ option }) => option)).toEqual(['WhoAmI']);
      }),
    );
  });

  it('a hand-over back through the same configuration is one too', () => {
    fc.assert(
      fc.property(cluster, cluster, (from, to) => {
        const between = planHandOver(from, to);
        expect(planHandOver(from, between)).toBe(from);
        expect(planHandOver(between, from)).toBe(between);
      }),
    );
  });
});

it('a group whose volumes all move has no primary meanwhile', () => {
  const from = clusterOf({
    g: { primary: 'A', volumes: ['u', 'v'], options: { Cache: '1' } },
    h: { primary: 'B', volumes: ['w'] },
  });
  const to = clusterOf({
    g: { primary: 'C', volumes: ['u', 'v'], options: { Cache: '2' } },
    h: { primary: 'B', volumes: ['w'] },
  });
  const expected = from.toObject();
  expected['VolumeGroup:g']!['PrimaryPeer'] = [];
  expect(planHandOver(from, to).toObject()).toEqual(expected);
});

it('some volumes of a group wait in a group of their own, with its options', () => {
  const from = clusterOf({
    g: { primary: 'A', volumes: ['u', 'v', 'w'], options: { Cache: '1' } },
    h: { primary: 'B', volumes: ['x'] },
  });
  const to = clusterOf({
    g: { primary: 'A', volumes: ['v'], options: { Cache: '1' } },
    h: { primary: 'B', volumes: ['u', 'w', 'x'] },
  });
  const between = planHandOver(from, to).toObject();
  expect(between['FSGlobals']!['VolumeGroupList']).toEqual([
    'g',
    'g-HandOver',
    'h',
  ]);
  expect(between['VolumeGroup:g']!['VolumeList']).toEqual(['v']);
  expect(between['VolumeGroup:g-HandOver']).toEqual({
    VolumeList: ['u', 'w'],
    PrimaryPeer: [],
    VirtualIPAddr: [],
    Cache: ['1'],
  });
});

it('the temporary group takes no name that one of the configurations has', () => {
  const from = clusterOf({ g: { primary: 'A', volumes: ['u', 'v'] } });
  const to = clusterOf({
    g: { primary: 'A', volumes: ['v'] },
    'g-HandOver': { primary: 'B', volumes: ['u'] },
  });
  const between = planHandOver(from, to);
  expect(between.getStrings('FSGlobals', 'VolumeGroupList')).toEqual([
    'g',
    'g-HandOver-2',
  ]);
});

it('where no volume changes peers it is the configuration there was', () => {
  const from = clusterOf({
    g: { primary: 'A', volumes: ['u', 'v'] },
    empty: { primary: 'A', volumes: [] },
    idle: { primary: '', volumes: ['w'] },
  });
  const to = clusterOf({
    g: { primary: 'A', volumes: ['u'] },
    other: { primary: 'A', volumes: ['v'] },
    empty: { primary: 'B', volumes: [] },
    idle: { primary: 'B', volumes: ['w'] },
  });
  expect(planHandOver(from, to)).toBe(from);
});

it('a configuration that is not valid is refused with all problems', () => {
  const from = clusterOf({
    g: { primary: 'A', volumes: ['u'] },
    h: { primary: 'X', volumes: ['u'] },
  });
  expect(() => planHandOver(from, from)).toThrow(ConfigurationError);
  expect(() => planHandOver(from, from)).toThrow(
    /PrimaryPeer is X[^]*lists volume u/,
  );
});

it('a configuration in the old form is handed over in the new one', () => {
  const old = (peer: string): ConfMap =>
    ConfMap.fromObject({
      Cluster: { Peers: peers },
      FSGlobals: { VolumeList: ['u'] },
      'Volume:u': { PrimaryPeer: peer, FlowControl: 'f' },
      'FlowControl:f': {
        ReadCacheLineSize: '1',
        ReadCacheWeight: '1',
        MaxFlushSize: '1',
        MaxFlushTime: '1s',
      },
    });
  expect(servers(planHandOver(old('A'), old('B')))).toEqual(
    new Map([['u', '']]),
  );
});
