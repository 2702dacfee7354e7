import type { TransitionsSnapshot } from 'nestjs-transitions/core';
import { lineOf, type Call } from '../../call-log.js';
import type { EndedTransition, KnownSettings } from '../ended-transition.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

const lettingGo: readonly string[] = [
  'volumeToBeUnserved',
  'unserveVolume',
  'volumeLost',
];

/** A volume that failed is taken from those who serve it, and nothing else is called; then it is set aside. */
export function* failedIsLetGo({
  small,
  calls,
  report,
  inForce,
  after,
}: EndedTransition): Generator<Violation> {
  if (small?.kind !== 'fail') return;
  const { volume } = small;
  for (const call of calls) {
    if (call.target === volume && lettingGo.includes(call.callback)) continue;
    const message = `${volume} has failed, and ${lineOf(call)} is called`;
    yield { invariant: 'I50', message };
  }
  if (report.configuration === 'old' || inForce === undefined) return;
  if (topologyOf(inForce).volumes.get(volume)?.served !== true) return;
  const isServed = after.some((model) => model.serves(volume));
  const isTold = report.failed.some((each) => each.volume === volume);
  if (isServed || isTold) return;
  const message = `${volume} has failed and nobody serves it, and it is not set aside`;
  yield { invariant: 'I50', message };
}

/**
 * What is tried again is set aside, and not unknown; what failed while it was served
 * is not served before all have let go of it.
 */
export function* onlyAsideIsRetried({
  small,
  calls,
  unknownBefore,
  failingBefore,
}: EndedTransition): Generator<Violation> {
  if (small?.kind !== 'retry') return;
  const { volumes, groups } = small.aside;
  const found = (call: Call, why: string): Violation => ({
    invariant: 'I51',
    message: `${lineOf(call)} is tried again, though ${why}`,
  });
  if (volumes.size + groups.size === 0) {
    const message = 'something is tried again, though nothing is set aside';
    yield { invariant: 'I51', message };
  }
  for (const call of calls) {
    const { target, callback, participant } = call;
    if (target === undefined) {
      yield found(call, 'nobody is told that a retry begins, or ends');
      continue;
    }
    const isGroup = callback.startsWith('volumeGroup');
    // A group comes, or goes, with a volume of it.
    if (!isGroup && !volumes.has(target))
      yield found(call, 'it is not set aside');
    if (callback === 'serveVolume' && failingBefore.has(target)) {
      yield found(call, 'not all have let go of it');
    }
    const unknown = unknownBefore.find(
      (each) =>
        each.target === target &&
        each.callback.startsWith('volumeGroup') === isGroup,
    );
    if (unknown !== undefined) {
      yield found(call, `${lineOf(unknown)} has not settled (${participant})`);
    }
  }
}

/** What a snapshot says is tried again is what is set aside, or a reload that came to nothing; all of it, where it is known that retries are on. */
export function* retriesWhatFailed(
  { lifecycle, retries, failed, unknown }: TransitionsSnapshot,
  { retry }: KnownSettings,
  isRefused: boolean,
): Generator<Violation> {
  const found = (message: string): Violation => ({ invariant: 'I51', message });
  if (lifecycle !== 'up' || retry === false) {
    if (retries.length > 0) yield found('something is to be tried again');
    return;
  }
  const keys = new Set(failed.map(keyOf));
  const planned = new Set(retries.map(keyOf));
  for (const each of retries) {
    if (each.reload === undefined ? keys.has(keyOf(each)) : isRefused) continue;
    yield found(
      `${keyOf(each)} is to be tried again, though it has not failed`,
    );
  }
  for (const { inMs } of retries) {
    if (inMs !== undefined || unknown.length > 0) continue;
    yield found('an attempt has no time, though nothing is unknown');
  }
  if (retry === undefined) return;
  for (const key of keys) {
    if (!planned.has(key))
      yield found(`${key} has failed, and is not tried again`);
  }
}

function keyOf(what: {
  readonly group?: string;
  readonly volume?: string;
  readonly reload?: string;
}): string {
  const { group, volume, reload } = what;
  if (volume !== undefined) return `volume ${volume}`;
  return group === undefined ? `reload (${reload})` : `group ${group}`;
}
