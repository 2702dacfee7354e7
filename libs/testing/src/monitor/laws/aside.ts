import { RejectTransition } from 'nestjs-transitions/core';
import type { EndedTransition } from '../ended-transition.js';
import { namesOf, SetAside, type Names } from '../set-aside.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

/**
 * A partial transition names what it set aside, or it was refused; everything
 * else is as configured, and what is set aside is out of the way. (A boot comes
 * up however that is held, and is not ready then.)
 */
export function* setAsideOnly(ended: EndedTransition): Generator<Violation> {
  const { report, inForce, inForceBefore, after, absence } = ended;
  if (report.outcome !== 'partial' || inForce === undefined) return;
  const refused = refusedIn(ended);
  const named = namesOf(report.failed);
  const names: Names = {
    volumes: new Set([...named.volumes, ...refused.volumes]),
    groups: new Set([...named.groups, ...refused.groups]),
  };
  if (names.volumes.size + names.groups.size === 0) {
    const message =
      'partial, though nothing is set aside and nothing was refused';
    yield { invariant: 'I29', message };
  }
  const aside = new SetAside(names, after, inForce, inForceBefore);
  const wanted = absence.wanted(inForce);
  for (const model of after) {
    for (const difference of absence.differencesOf(model, wanted)) {
      const isExcused =
        report.kind === 'up'
          ? aside.covers(difference)
          : aside.excuses(difference);
      if (isExcused) continue;
      yield { invariant: 'I43', message: `partial, but ${difference.text}` };
    }
  }
}

/** What participants refused without any change. */
function refusedIn({ steps, inForce }: EndedTransition): Names {
  const volumes = new Set<string>();
  const groups = new Set<string>();
  for (const { target, callback, error } of steps) {
    const isRefused = error?.cause instanceof RejectTransition;
    if (!isRefused || target === undefined) continue;
    if (!callback.startsWith('volumeGroup')) volumes.add(target);
    else {
      groups.add(target);
      for (const { name, groupName } of topologyOf(inForce!).volumes.values()) {
        if (groupName === target) volumes.add(name);
      }
    }
  }
  return { volumes, groups };
}
