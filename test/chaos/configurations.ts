import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The volumes of each group. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/** Writes the file of each peer, `<peer>.conf`, so that a reader sees the old one or the new one. */
export function writeConfigurations(
  folder: string,
  peers: readonly string[],
  groups: Groups,
  placed: ReadonlyMap<string, string>,
): void {
  const sections = Object.entries(groups).map(
    ([group, volumes]) =>
      `[VolumeGroup:${group}]\nVolumeList: ${volumes.join(', ')}\nPrimaryPeer: ${placed.get(group)!}\nVirtualIPAddr:\n`,
  );
  const shared = `Peers: ${peers.join(', ')}\n[FSGlobals]\nVolumeGroupList: ${Object.keys(groups).join(', ')}\n${sections.join('')}`;
  for (const name of peers) {
    const path = join(folder, `${name}.conf`);
    writeFileSync(`${path}.new`, `[Cluster]\nWhoAmI: ${name}\n${shared}`);
    renameSync(`${path}.new`, path);
  }
}
