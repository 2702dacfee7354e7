import type { Target } from '../model/step.js';

const known = new WeakMap<readonly Target[], ReadonlySet<string>>();

/**
 * The names of groups or volumes in a list, which must not change any more. They
 * are gathered once for each list: most participants of a plan share theirs.
 */
export function namesOf(targets: readonly Target[]): ReadonlySet<string> {
  let names = known.get(targets);
  if (names === undefined) {
    const gathered = new Set<string>();
    for (const target of targets) {
      if (target !== null) gathered.add(target.name);
    }
    known.set(targets, (names = gathered));
  }
  return names;
}
