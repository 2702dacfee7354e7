import { lineOf, type Call } from '../../call-log.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

/**
 * What a callback is told is what the configuration says that it is given. What
 * undoing puts back may have been otherwise, but for what it serves.
 */
export function* asConfigured(call: Call): Generator<Violation> {
  const { callback, names, kind, confMap } = call;
  const [name = '', ...given] = names;
  const { groups, volumes, whoAmI } = topologyOf(confMap);
  const volume = volumes.get(name);
  if (callback === 'serveVolume' && volume?.served !== true) {
    const invariant = kind === 'rollback' ? 'I42' : 'I5';
    const message = `${lineOf(call)} (${kind}), but the configuration does not give it to ${whoAmI}`;
    yield { invariant, message };
  }
  if (given.length === 0 || kind === 'rollback') return;
  const group = groups.get(name);
  const told = callback.startsWith('volumeGroup')
    ? [group?.primaryPeer, group?.virtualIPAddr]
    : [volume?.groupName];
  if (told.join() === given.join()) return;
  const message = `${lineOf(call)}, but the configuration says ${told.join(', ')}`;
  yield { invariant: 'I18', message };
}
