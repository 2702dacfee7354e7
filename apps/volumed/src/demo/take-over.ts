import type { Cluster } from './cluster.js';
import type { Load } from './load.js';
import type { Killed } from './report.js';
import type { VolumeClient } from './volume-client.js';

/**
 * Kills (SIGKILL) the primary of the first group, and reloads the others with a
 * configuration that gives them its volumes; resolves when they serve them. From
 * then on clients ask others what this one does not answer.
 */
export async function takeOver({
  cluster,
  load,
  client,
  tell,
}: {
  readonly cluster: Cluster;
  readonly load: Load;
  readonly client: VolumeClient;
  readonly tell: (sentence: string) => void;
}): Promise<Killed> {
  const { confMap } = cluster;
  const valuesOf = (group: string, option: string) =>
    confMap.getStrings(`VolumeGroup:${group}`, option);
  const primaryOf = (group: string) => valuesOf(group, 'PrimaryPeer')[0]!;
  const groups = confMap.getStrings('FSGlobals', 'VolumeGroupList');
  const victim = cluster.peer(primaryOf(groups[0]!));
  const heirs = cluster.peers.filter((peer) => peer !== victim);
  const left = groups.filter((group) => primaryOf(group) === victim.name);
  const primaries = Object.fromEntries(
    left.map((group, index) => [group, heirs[index % heirs.length]!.name]),
  );
  await load.whileMoving(async () => {
    client.killed = victim.url;
    await victim.stop('SIGKILL');
    tell(`${victim.name} is killed.`);
    await cluster.apply(cluster.withPrimaries(primaries), heirs);
    await cluster.untilServed(left);
    tell('The others serve its volumes.');
  });
  return {
    peer: victim.name,
    volumes: left.flatMap((group) => valuesOf(group, 'VolumeList')).length,
    at: victim.endedAt,
  };
}
