import { ConfMap } from '@nestjs-transitions/conf';
import { confOf, type ClusterDescription } from '@nestjs-transitions/testing';
import * as fc from 'fast-check';

const peers = ['A', 'B', 'C', 'D'];
/** The names that groups can have. */
export const groups = ['g1', 'g2', 'g3', 'g4'];
/** The names that volumes can have. */
export const volumes = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'];

interface Group {
  readonly peer: string;
  readonly address: string;
  readonly option: string;
}

/** A small cluster as two partial functions: volume to group, group to primary. */
export interface Cluster {
  readonly groups: Readonly<Record<string, Group>>;
  readonly volumes: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** How a cluster becomes the next one; the numbers choose from what there is. */
export interface Edit {
  readonly kind: (typeof editKinds)[number];
  readonly a: number;
  readonly b: number;
}

const editKinds = [
  'moveVolume',
  'moveGroup',
  'swap',
  'dissolve',
  'addGroup',
  'addVolume',
  'dropVolume',
  'changeAddress',
  'changeOption',
  'changeVolume',
  'noPrimary',
  'rename',
  'empty',
  'reorder',
  'revert',
  'revert',
  'same',
  'invalid',
] as const;

/** One edit, or several at once. */
export const someEdits = fc.array(
  fc.record({
    kind: fc.constantFrom(...editKinds),
    a: fc.nat(23),
    b: fc.nat(23),
  }),
  { minLength: 1, maxLength: 4 },
);

/** A first cluster. */
export const someCluster: fc.Arbitrary<Cluster> = fc
  .record({
    primaries: fc.array(fc.constantFrom('A', 'A', ...peers, ''), {
      minLength: 1,
      maxLength: 4,
    }),
    homes: fc.array(fc.option(fc.nat(3)), { minLength: 6, maxLength: 6 }),
  })
  .map(({ primaries, homes }) => ({
    groups: Object.fromEntries(
      primaries.map((peer, index) => [groups[index]!, newGroup(peer)]),
    ),
    volumes: Object.fromEntries(
      homes.flatMap((home, index) =>
        home === null
          ? []
          : [[volumes[index]!, groups[home % primaries.length]!]],
      ),
    ),
    options: {},
  }));

/** The clusters that were, the last one last. */
export type History = readonly Cluster[];

/** What the edits make of the last cluster of a history; undefined: an invalid configuration. */
export function edited(
  history: History,
  edits: readonly Edit[],
): Cluster | undefined {
  let cluster = history.at(-1)!;
  for (const edit of edits) {
    if (edit.kind === 'invalid') return undefined;
    cluster = apply(edit, cluster, history);
  }
  return cluster;
}

function apply({ kind, a, b }: Edit, from: Cluster, history: History): Cluster {
  const group = pick(Object.keys(from.groups), a);
  const other = pick(Object.keys(from.groups), b);
  const volume = pick(Object.keys(from.volumes), a);
  const record = from.groups[group]!;
  const withGroup = (change: Partial<Group>): Cluster => ({
    ...from,
    groups: { ...from.groups, [group]: { ...record, ...change } },
  });
  const withVolumes = (homes: Record<string, string>): Cluster => ({
    ...from,
    volumes: { ...from.volumes, ...homes },
  });
  switch (kind) {
    case 'moveVolume':
      return volume ? withVolumes({ [volume]: other }) : from;
    case 'moveGroup':
      return withGroup({ peer: pick(peers, b) });
    case 'noPrimary':
      return withGroup({ peer: '' });
    case 'changeAddress':
      return withGroup({ address: `10.0.0.${b}` });
    case 'changeOption':
      return withGroup({ option: String(b) });
    case 'changeVolume':
      return volume
        ? { ...from, options: { ...from.options, [volume]: String(b) } }
        : from;
    case 'swap': {
      const second = pick(Object.keys(from.volumes), b);
      if (!volume || !second) return from;
      const [home, place] = [from.volumes[volume]!, from.volumes[second]!];
      return withVolumes({ [volume]: place, [second]: home });
    }
    case 'dissolve':
      return other === group ? from : without(from, group, other);
    case 'rename': {
      const free = groups.find((name) => from.groups[name] === undefined);
      if (free === undefined) return from;
      const named = { ...from.groups, [free]: record };
      return without({ ...from, groups: named }, group, free);
    }
    case 'addGroup': {
      const free = groups.find((name) => from.groups[name] === undefined);
      const added = newGroup(pick(['A', ...peers], b));
      return free
        ? { ...from, groups: { ...from.groups, [free]: added } }
        : from;
    }
    case 'addVolume':
      return withVolumes({ [pick(volumes, b)]: group });
    case 'dropVolume': {
      const { [volume]: _dropped, ...rest } = from.volumes;
      return { ...from, volumes: rest };
    }
    case 'empty': {
      const homes = Object.entries(from.volumes);
      const left = homes.filter(([, home]) => home !== group);
      return { ...from, volumes: Object.fromEntries(left) };
    }
    case 'reorder':
      return {
        ...from,
        groups: reordered(from.groups, a),
        volumes: reordered(from.volumes, b),
      };
    case 'revert':
      return pick(history, b);
    case 'same':
    case 'invalid':
      return from;
  }
}

/** The same, in another order. */
function reordered<T>(
  from: Readonly<Record<string, T>>,
  by: number,
): Record<string, T> {
  const entries = Object.entries(from).reverse();
  const first = entries.splice(0, by % (entries.length + 1));
  return Object.fromEntries([...entries, ...first]);
}

/** A group less; its volumes live on in another. */
function without(from: Cluster, group: string, heir: string): Cluster {
  const { [group]: _gone, ...rest } = from.groups;
  const homes = Object.entries(from.volumes).map(([volume, home]) => [
    volume,
    home === group ? heir : home,
  ]);
  return {
    ...from,
    groups: rest,
    volumes: Object.fromEntries(homes) as Record<string, string>,
  };
}

/** A cluster's configuration, as peer A reads it. */
export function confMapOf(cluster: Cluster): ConfMap {
  return confOf({
    peers,
    groups: Object.fromEntries(
      Object.entries(cluster.groups).map(
        ([name, { peer, address, option }]) => [
          name,
          {
            primary: peer,
            virtualIPAddr: address,
            options: { Option: option },
            volumes: Object.keys(cluster.volumes).filter(
              (volume) => cluster.volumes[volume] === name,
            ),
          },
        ],
      ),
    ),
    volumes: Object.fromEntries(
      Object.entries(cluster.options).map(([name, option]) => [
        name,
        { Option: option },
      ]),
    ),
  });
}

/** Configurations that mean nothing, each in a way of its own. */
export function invalidConfMap(choice: number): ConfMap {
  const broken: readonly ClusterDescription[] = [
    { groups: { g1: ['v1'], g2: ['v1'] }, peers },
    { groups: { g1: { primary: 'E', volumes: ['v1'] } }, peers },
    { groups: { g1: ['v1'] }, peers, whoAmI: 'B' },
    { groups: { g1: ['v1', 'v1'] }, peers },
  ];
  return confOf(pick(broken, choice));
}

/** How many volumes peer A unserves, if only for a moment, on the way from one cluster to another. */
export function unserved(from: Cluster, to: Cluster): number {
  const stays = desired(to).filter(
    (volume) => from.volumes[volume] === to.volumes[volume],
  );
  return desired(from).filter((volume) => !stays.includes(volume)).length;
}

/** What peer A is to serve: the model. */
export function desired(cluster: Cluster): string[] {
  return Object.keys(cluster.volumes)
    .filter((volume) => cluster.groups[cluster.volumes[volume]!]?.peer === 'A')
    .sort();
}

function newGroup(peer: string): Group {
  return { peer, address: '', option: '0' };
}

function pick<T>(from: readonly T[], choice: number): T {
  return from[choice % from.length]!;
}
