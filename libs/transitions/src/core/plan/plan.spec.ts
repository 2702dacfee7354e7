import { ConfMap } from '@nestjs-transitions/conf';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeTopology } from '../configuration/configuration.js';
import { computeDelta, isEmptyDelta } from './delta.js';
import { initialState, type ParticipantState } from '../model/participant.js';
import { planTransition, type PlanKind } from './plan.js';
import { noHoldings, type Holdings, type Topology } from '../model/topology.js';

type Groups = Readonly<Record<string, readonly [string, readonly string[]]>>;

function topologyOf(groups: Groups, shuffled = false): Topology {
  const sections = Object.entries(groups).map(
    ([name, [primary, volumes]]) =>
      [
        `VolumeGroup:${name}`,
        {
          PrimaryPeer: primary === '' ? [] : primary,
          VirtualIPAddr: [],
          VolumeList: volumes,
        },
      ] as const,
  );
  return computeTopology(
    ConfMap.fromObject({
      Cluster: { WhoAmI: 'A' },
      FSGlobals: { VolumeGroupList: Object.keys(groups) },
      ...Object.fromEntries(shuffled ? sections.toReversed() : sections),
    }),
  );
}

const someTopology = fc
  .tuple(
    fc.array(fc.constantFrom('A', 'A', 'B', 'C', ''), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.array(fc.option(fc.nat(3)), { minLength: 6, maxLength: 6 }),
  )
  .map(([primaries, homes]) => {
    const groups = primaries.map((primary, index): [string, Groups[string]] => [
      `g${index}`,
      [
        primary,
        homes.flatMap((home, volume) =>
          home !== null && home % primaries.length === index
            ? [`v${volume}`]
            : [],
        ),
      ],
    ]);
    return Object.fromEntries(groups);
  });

const up = (held: Holdings): ParticipantState => ({
  ...initialState,
  up: true,
  held,
});

function linesOf(
  kind: PlanKind,
  from: ParticipantState,
  to: Holdings,
): string[] {
  const two = [from, from].map((state) => ({ state, wanted: to }));
  return planTransition(kind, two).flatMap(
    ({ callback, participant, targets }) =>
      targets.map((target) =>
        [callback, participant, target?.name ?? ''].join(' '),
      ),
  );
}

/** The state after a plan, computed only from what its callbacks mean. */
function applied(from: Holdings, to: Holdings): string[] {
  const volumes = new Map(
    [...from.volumes.values()].map((volume) => [
      volume.name,
      { group: volume.groupName, served: volume.served },
    ]),
  );
  const groups = new Map(
    [...from.groups.values()].map(({ name, primaryPeer }) => [
      name,
      primaryPeer,
    ]),
  );
  for (const { callback, participant, targets } of planTransition('signaled', [
    { state: up(from), wanted: to },
  ])) {
    expect(participant).toBe(0);
    for (const target of targets) {
      if (target === null) continue;
      const { name } = target;
      if ('primaryPeer' in target) {
        if (callback === 'volumeGroupDestroyed') groups.delete(name);
        else groups.set(name, target.primaryPeer);
        continue;
      }
      const served = volumes.get(name)?.served ?? false;
      const group = target.groupName;
      if (callback === 'volumeDestroyed') volumes.delete(name);
      else if (callback === 'volumeCreated' || callback === 'volumeMoved') {
        volumes.set(name, { group, served });
      } else if (callback === 'serveVolume') {
        volumes.set(name, { group, served: true });
      } else if (callback === 'unserveVolume') {
        volumes.set(name, { group, served: false });
      }
    }
  }
  return linesOfState(groups, volumes);
}

function linesOfState(
  groups: ReadonlyMap<string, string>,
  volumes: ReadonlyMap<string, { group: string; served: boolean }>,
): string[] {
  return [
    ...[...groups].map(([name, peer]) => `${name} ${peer}`).sort(),
    ...[...volumes]
      .map(([name, { group, served }]) => `${name} ${group} ${served}`)
      .sort(),
  ];
}

function stateOf({ groups, volumes }: Holdings): string[] {
  return linesOfState(
    new Map([...groups.values()].map((g) => [g.name, g.primaryPeer])),
    new Map(
      [...volumes.values()].map(({ name, groupName: group, served }) => [
        name,
        { group, served },
      ]),
    ),
  );
}

describe('planTransition', () => {
  it('I11 I12 a reload goes phase by phase, creating ascending and taking away descending, a participant at a time', () => {
    const from = topologyOf({ old: ['A', ['x', 'y']], out: ['A', ['o']] });
    const to = topologyOf({ out: ['B', ['o']], new: ['A', ['x', 'n']] });
    expect(linesOf('signaled', up(from), to)).toEqual([
      ...['o', 'y', 'x'].map((name) => `volumeToBeUnserved 1 ${name}`),
      ...['o', 'y', 'x'].map((name) => `volumeToBeUnserved 0 ${name}`),
      'signaledStart 1 ',
      'signaledStart 0 ',
      'volumeGroupCreated 0 new',
      'volumeGroupCreated 1 new',
      'volumeCreated 0 n',
      'volumeCreated 1 n',
      ...['o', 'y', 'x'].map((name) => `unserveVolume 1 ${name}`),
      ...['o', 'y', 'x'].map((name) => `unserveVolume 0 ${name}`),
      'volumeGroupMoved 0 out',
      'volumeGroupMoved 1 out',
      'volumeMoved 0 x',
      'volumeMoved 1 x',
      'serveVolume 0 x',
      'serveVolume 0 n',
      'serveVolume 1 x',
      'serveVolume 1 n',
      'volumeDestroyed 1 y',
      'volumeDestroyed 0 y',
      'volumeGroupDestroyed 1 old',
      'volumeGroupDestroyed 0 old',
      'signaledFinish 0 ',
      'signaledFinish 1 ',
    ]);
  });

  it('I20 Down takes back what up gave, in exactly the opposite order', () => {
    const to = topologyOf({ g: ['A', ['a', 'b']], h: ['B', ['c']] });
    const opposite: Readonly<Record<string, string>> = {
      up: 'down',
      volumeGroupCreated: 'volumeGroupDestroyed',
      volumeCreated: 'volumeDestroyed',
      serveVolume: 'unserveVolume',
      signaledFinish: 'signaledStart',
    };
    const goingUp = linesOf('up', initialState, to);
    const down = linesOf('down', up(to), noHoldings);
    expect(
      down.filter((line) => !line.startsWith('volumeToBeUnserved')),
    ).toEqual(
      goingUp
        .map((line) => line.replace(/^\w+/, (name) => opposite[name] ?? name))
        .toReversed(),
    );
  });

  it('I1 depends on the configuration alone, not on the order of its sections', () => {
    fc.assert(
      fc.property(someTopology, someTopology, (a, b) => {
        const plan = linesOf('signaled', up(topologyOf(a)), topologyOf(b));
        expect(
          linesOf('signaled', up(topologyOf(a, true)), topologyOf(b, true)),
        ).toEqual(plan);
      }),
    );
  });

  it('I2 I6 leads to the new topology from any other, so that two steps lead where one does', () => {
    fc.assert(
      fc.property(someTopology, someTopology, (a, b) => {
        const [from, to] = [topologyOf(a), topologyOf(b)];
        expect(applied(from, to)).toEqual(stateOf(to));
      }),
      { numRuns: 300 },
    );
  });

  it('I3 from a topology to itself changes nothing, from nothing only gives, to nothing only takes', () => {
    fc.assert(
      fc.property(someTopology, (groups) => {
        const topology = topologyOf(groups);
        const again = topologyOf(groups);
        expect(isEmptyDelta(computeDelta(topology, again))).toBe(true);
        const given = linesOf('up', initialState, topology).join();
        expect(given).not.toMatch(/Moved|Changed|Destroyed|[uU]nserve/);
        const taken = linesOf('down', up(topology), noHoldings).join();
        expect(taken).not.toMatch(
          /Moved|Changed|Created|serveVolume(?<!unserveVolume)/,
        );
      }),
    );
  });

  it('I4 I5 F30 no target is in two of created, moved and destroyed; what is unserved was served, what is served is wanted, and both only where it moved', () => {
    fc.assert(
      fc.property(someTopology, someTopology, (a, b) => {
        const [from, to] = [topologyOf(a), topologyOf(b)];
        const { groups, volumes, toServe, toUnserve } = computeDelta(from, to);
        for (const sets of [groups, volumes]) {
          const names = Object.values(sets).flatMap((set) =>
            set.map((target: { readonly name: string }) => target.name),
          );
          expect(new Set(names).size).toBe(names.length);
        }
        for (const { name } of toUnserve) {
          expect(from.volumes.get(name)?.served).toBe(true);
        }
        const unserved = new Set(toUnserve.map(({ name }) => name));
        for (const { name, groupName } of toServe) {
          expect(to.volumes.get(name)?.served).toBe(true);
          expect(
            unserved.has(name) &&
              from.volumes.get(name)?.groupName === groupName,
          ).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells each participant what it lacks, and nothing twice', () => {
    const from = topologyOf({ g: ['A', ['a']] });
    const to = topologyOf({ g: ['A', ['a', 'b']] });
    const blocks = planTransition('signaled', [
      { state: up(from), wanted: to },
      { state: up(to), wanted: to },
    ]);
    const told = blocks.filter(({ callback }) => !callback.startsWith('sig'));
    expect(
      told.map(({ callback, participant }) => `${callback} ${participant}`),
    ).toEqual(['volumeCreated 0', 'serveVolume 0']);
  });

  it('F33 plans ten thousand volumes for fifty participants in less than a second', () => {
    const groups = (primary: string): Groups =>
      Object.fromEntries(
        Array.from({ length: 1000 }, (_, g) => [
          `g${g}`,
          [primary, Array.from({ length: 10 }, (__, v) => `v${g}-${v}`)],
        ]),
      );
    const state = up(topologyOf(groups('A')));
    const wanted = topologyOf(groups('B'));
    const startedAt = performance.now();
    const blocks = planTransition(
      'signaled',
      Array.from({ length: 50 }, () => ({ state, wanted })),
    );
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(blocks.length).toBe(50 * 5);
  });
});
