import { isClean, type EndedTransition } from '../ended-transition.js';
import { topologyOf } from '../topologies.js';
import type { Violation } from '../violation.js';

/**
 * After a transition the gate is open only for what all participants serve; where
 * it was applied, for just what the configuration gives to this peer.
 */
export function* openForWhatIsServed({
  gate,
  report,
  inForce,
  after,
  failing,
}: EndedTransition): Generator<Violation> {
  if (gate === undefined) return;
  const found = (message: string): Violation => ({
    invariant: 'I44',
    message: `${report.outcome}, and the gate is ${message}`,
  });
  for (const name of gate.open) {
    for (const model of after) {
      if (!model.has('serveVolume') || model.serves(name)) continue;
      yield found(`open for ${name}, which ${model.name} does not serve`);
    }
  }
  if (!isClean(report) || inForce === undefined) return;
  const isUp = report.kind !== 'down';
  const { volumes } = topologyOf(inForce);
  for (const name of new Set([...gate.open, ...volumes.keys()])) {
    const isGiven = isUp && volumes.get(name)?.served === true;
    const isOpen = gate.open.has(name);
    if (!isOpen && failing.has(name)) continue;
    if (isOpen !== isGiven)
      yield found(`${isOpen ? 'open' : 'closed'} for ${name}`);
  }
}
