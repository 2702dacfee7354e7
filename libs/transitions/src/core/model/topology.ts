import type { ConfSection } from '@nestjs-transitions/conf';

/** A volume group as a configuration, or a participant's state, has it. */
export interface VolumeGroup {
  readonly name: string;
  /** The peer that serves its volumes; empty for none. */
  readonly primaryPeer: string;
  /** Empty for none. */
  readonly virtualIPAddr: string;
  /** Its volumes, in the order of `VolumeList`. */
  readonly volumeNames: readonly string[];
  /** Section `VolumeGroup:<name>`. */
  readonly section: ConfSection;
}

/** A volume as a configuration, or a participant's state, has it. */
export interface Volume {
  readonly name: string;
  readonly groupName: string;
  /**
   * In a topology: the group's primary is this peer. In a state: it is served.
   */
  readonly served: boolean;
  /** Section `Volume:<name>`; undefined if the configuration has none. */
  readonly section: ConfSection | undefined;
}

/**
 * Groups and volumes by name, in configuration order: what a configuration
 * wants, or what a participant has. A plan is the difference between two of
 * them.
 */
export interface Holdings {
  readonly groups: ReadonlyMap<string, VolumeGroup>;
  readonly volumes: ReadonlyMap<string, Volume>;
}

/**
 * What a configuration says: who this peer is, all peers, groups and volumes.
 */
export interface Topology extends Holdings {
  readonly whoAmI: string;
  /** `Cluster.Peers`; empty if the configuration does not list them. */
  readonly peers: readonly string[];
}

/** Nothing held: the state before Up and after Down. */
export const noHoldings: Holdings = { groups: new Map(), volumes: new Map() };

/** Something that is wrong in a configuration, and where. */
export interface TopologyProblem {
  readonly message: string;
  readonly section?: string;
  readonly option?: string;
  readonly path?: string;
  readonly line?: number;
}

/**
 * A topology, with everything in it that is wrong or doubtful. If anything is
 * wrong, do not use it.
 */
export interface TopologyReading {
  readonly topology: Topology;
  readonly problems: readonly TopologyProblem[];
  readonly warnings: readonly TopologyProblem[];
}
