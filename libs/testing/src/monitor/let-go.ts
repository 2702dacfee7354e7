import type { Call } from '../call-log.js';
import { topologyOf } from './topologies.js';

/**
 * The volumes that another peer may serve by now, because it is to and an
 * unserveVolume was issued. What is served again, going forward, is this peer's.
 */
export class LetGo {
  private readonly names: Set<string>;

  /** `before`: by the reloads that this one supersedes. */
  constructor(before: Iterable<string> = []) {
    this.names = new Set(before);
  }

  /** Takes note of a call, in their order. */
  began({ callback, kind, target = '', confMap }: Call): void {
    if (kind !== 'signaled') return;
    if (callback === 'serveVolume') this.names.delete(target);
    if (callback !== 'unserveVolume') return;
    const { groups, volumes, whoAmI } = topologyOf(confMap);
    const home = volumes.get(target)?.groupName ?? '';
    const primary = groups.get(home)?.primaryPeer;
    if (primary && primary !== whoAmI) this.names.add(target);
  }

  has(volumeName: string): boolean {
    return this.names.has(volumeName);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.names.values();
  }
}
