import { ConfMap } from '@nestjs-transitions/conf';

/** A volume group of a small cluster. */
export interface GroupDescription {
  /** Default: this peer. Empty: none. */
  readonly primary?: string;
  readonly volumes?: readonly string[];
  readonly virtualIPAddr?: string;
  /** Further options of its section. */
  readonly options?: Readonly<Record<string, string | readonly string[]>>;
}

/** A small cluster, in few words. */
export interface ClusterDescription {
  /** Default `A`. */
  readonly whoAmI?: string;
  /** Default: this peer and every primary. */
  readonly peers?: readonly string[];
  /** In configuration order; a list stands for the volumes of a group of this peer. */
  readonly groups: Readonly<
    Record<string, GroupDescription | readonly string[]>
  >;
  /** Options of volumes' own sections. */
  readonly volumes?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
  /** Further sections. */
  readonly sections?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/**
 * The configuration of a small cluster:
 * `confOf({ groups: { local: ['photos'], remote: { primary: 'B', volumes: ['mail'] } } })`.
 */
export function confOf(cluster: ClusterDescription): ConfMap {
  const whoAmI = cluster.whoAmI ?? 'A';
  const groups = Object.entries(cluster.groups).map(
    ([name, given]) => [name, describe(given, whoAmI)] as const,
  );
  const primaries = groups.map(([, { primary }]) => primary);
  const peers = cluster.peers ?? [
    ...new Set([whoAmI, ...primaries.filter((peer) => peer !== '')]),
  ];
  return ConfMap.fromObject({
    Cluster: { WhoAmI: whoAmI, Peers: peers },
    FSGlobals: { VolumeGroupList: groups.map(([name]) => name) },
    ...Object.fromEntries(
      groups.map(([name, group]) => [`VolumeGroup:${name}`, sectionOf(group)]),
    ),
    ...Object.fromEntries(
      Object.entries(cluster.volumes ?? {}).map(([name, options]) => [
        `Volume:${name}`,
        options,
      ]),
    ),
    ...cluster.sections,
  });
}

function describe(
  given: GroupDescription | readonly string[],
  whoAmI: string,
): Required<GroupDescription> {
  const group = isList(given) ? { volumes: given } : given;
  return {
    primary: whoAmI,
    volumes: [],
    virtualIPAddr: '',
    options: {},
    ...group,
  };
}

function isList(
  given: GroupDescription | readonly string[],
): given is readonly string[] {
  return Array.isArray(given);
}

function sectionOf(group: Required<GroupDescription>) {
  return {
    VolumeList: group.volumes,
    PrimaryPeer: group.primary === '' ? [] : group.primary,
    VirtualIPAddr: group.virtualIPAddr === '' ? [] : group.virtualIPAddr,
    ...group.options,
  };
}
