import { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from './configuration.js';
import { readTopology } from './topology-reader.js';

const head = `[Cluster]
WhoAmI: A
Peers: A, B
`;

function problemsOf(text: string): string[] {
  const { problems } = readTopology(ConfMap.parse(text, { path: 'a.conf' }));
  return problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('readTopology', () => {
  it('reads groups and volumes in configuration order, and what is served here', () => {
    const { topology, problems, warnings } = readTopology(
      ConfMap.parse(`${head}
[FSGlobals]
VolumeGroupList: second, first
[VolumeGroup:first]
VolumeList: z, a
PrimaryPeer: A
VirtualIPAddr: 10.0.0.1/24
[VolumeGroup:second]
VolumeList: m
PrimaryPeer: B
VirtualIPAddr:
`),
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect([...topology.groups.keys()]).toEqual(['second', 'first']);
    expect(
      [...topology.volumes.values()].map(
        ({ name, groupName, served }) => `${groupName}/${name} ${served}`,
      ),
    ).toEqual(['second/m false', 'first/z true', 'first/a true']);
  });

  it('F23 F24 F25 finds every problem at once, each at its line', () => {
    expect(
      problemsOf(`[Cluster]
WhoAmI: C
Peers: A, B
[FSGlobals]
VolumeGroupList: g, h, g, nowhere
[VolumeGroup:g]
VolumeList: v, v
PrimaryPeer: A, B
VirtualIPAddr:
[VolumeGroup:h]
VolumeList: v
PrimaryPeer: D
VirtualIPAddr: 10.0.0.1, 10.0.0.2
`),
    ).toEqual([
      '2: Cluster.WhoAmI is C, which is not in Cluster.Peers (A, B)',
      '8: VolumeGroup:g.PrimaryPeer has 2 values; expected one at most',
      '7: VolumeGroup:g.VolumeList lists volume v twice',
      '12: VolumeGroup:h.PrimaryPeer is D, which is not in Cluster.Peers (A, B)',
      '13: VolumeGroup:h.VirtualIPAddr has 2 values; expected one at most',
      '11: VolumeGroup:h.VolumeList lists volume v, which is in volume group g already; a volume belongs to exactly one group',
      '5: FSGlobals.VolumeGroupList lists volume group g twice',
      '5: FSGlobals.VolumeGroupList lists volume group nowhere, which has no section [VolumeGroup:nowhere]',
    ]);
  });

  it.each([
    ['no WhoAmI', '[Cluster]\nPeers: A\n', 'Cluster.WhoAmI is missing'],
    ['two', '[Cluster]\nWhoAmI: A, B\n', 'Cluster.WhoAmI has 2 values'],
  ])('F25 refuses %s', (_name, cluster, message) => {
    const [problem] = problemsOf(`${cluster}[FSGlobals]\nVolumeGroupList:\n`);
    expect(problem).toContain(message);
  });

  it('F24 warns of a group that is not listed, and of a volume in no group', () => {
    const { warnings, problems } = readTopology(
      ConfMap.parse(`${head}[FSGlobals]
VolumeGroupList:
[VolumeGroup:spare]
VolumeList:
[Volume:spare]
Size: 1
`),
    );
    expect(problems).toEqual([]);
    expect(warnings.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '6: [VolumeGroup:spare] is not in FSGlobals.VolumeGroupList and is ignored',
      '8: [Volume:spare] is in no volume group and is ignored',
    ]);
  });

  it('F13 takes names that objects inherit as names like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const sections = names.map(
      (name) =>
        `[VolumeGroup:${name}]\nVolumeList: ${name}\nPrimaryPeer: A\nVirtualIPAddr:\n`,
    );
    const { topology, problems } = readTopology(
      ConfMap.parse(
        `${head}[FSGlobals]\nVolumeGroupList: ${names.join(', ')}\n${sections.join('')}`,
      ),
    );
    expect(problems).toEqual([]);
    expect([...topology.volumes.keys()]).toEqual(names);
    expect(({} as Record<string, unknown>)['served']).toBeUndefined();
  });

  it('reuses the records of what did not change, and none of what did', () => {
    const text = (primary: string): string => `${head}[FSGlobals]
VolumeGroupList: g, h
[VolumeGroup:g]
VolumeList: v
PrimaryPeer: A
VirtualIPAddr:
[VolumeGroup:h]
VolumeList: w
PrimaryPeer: ${primary}
VirtualIPAddr:
`;
    const before = ConfMap.parse(text('A'));
    const first = readTopology(before).topology;
    const after = ConfMap.parse(text('B'), { previous: before });
    const second = readTopology(after, first).topology;
    expect(second.groups.get('g')).toBe(first.groups.get('g'));
    expect(second.volumes.get('v')).toBe(first.volumes.get('v'));
    expect(second.groups.get('h')).not.toBe(first.groups.get('h'));
    expect(second.volumes.get('w')?.served).toBe(false);
  });
});

describe('checkConfiguration', () => {
  it('F1 refuses an empty configuration', () => {
    expect(() => checkConfiguration(ConfMap.parse(''), 1, undefined)).toThrow(
      'it is empty',
    );
  });
});

describe('names that are nearly those that are read', () => {
  const text = (group: string, cluster = head) => `${cluster}[FSGlobals]
VolumeGroupList: g
[VolumeGroup:g]
VolumeList: v
${group}`;

  it.each(['PrimaryPear: A', 'primarypeer: A', 'PrimaryPeeer: A'])(
    '%s is no PrimaryPeer, and a problem (F110)',
    (line) => {
      const [option] = line.split(':');
      expect(problemsOf(text(line))).toEqual([
        `8: VolumeGroup:g.${option} is not read; did you mean PrimaryPeer?`,
        '6: VolumeGroup:g.PrimaryPeer is missing; expected the peer that serves its volumes, or nothing after the colon for none',
      ]);
    },
  );

  it('a group without PrimaryPeer is a problem, one with an empty one or without VirtualIPAddr is none (F110)', () => {
    expect(problemsOf(text('VirtualIPAddr:'))).toHaveLength(1);
    expect(problemsOf(text('PrimaryPeer:'))).toEqual([]);
  });

  it('a near name is a problem where the one that is meant is missing, and else a warning (F110)', () => {
    const alone = '[Cluster]\nWhoAmI: A\nPeer: A, B\n';
    expect(problemsOf(text('PrimaryPeer: A', alone))).toEqual([
      '3: Cluster.Peer is not read; did you mean Peers?',
    ]);
    const both = ConfMap.parse(text('PrimaryPeer: A', `${head}Peer: C\n`));
    const { problems, warnings } = readTopology(both);
    expect(problems).toEqual([]);
    expect(warnings.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '4: Cluster.Peer is not read; did you mean Peers?',
    ]);
  });

  it('a section that is nearly one of ours is warned of, and no other (F110)', () => {
    const { warnings } = readTopology(
      ConfMap.parse(
        `${text('PrimaryPeer: A')}\n[fsglobals]\na: b\n[VolumeGruop:h]\na: b\n[Mine]\na: b\n[Log:x]\na: b\n`,
      ),
    );
    expect(warnings.map(({ message }) => message)).toEqual([
      '[fsglobals] is not read; did you mean [FSGlobals]?',
      '[VolumeGruop:h] is not read; did you mean [VolumeGroup:h]?',
    ]);
  });
});
