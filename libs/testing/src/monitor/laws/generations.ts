import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';

/** Generations only grow, and calls know the one that comes into force. */
export function* generationsGrow({
  report,
  lastGeneration,
  calls,
}: EndedTransition): Generator<Violation> {
  const { generation, configuration } = report;
  if (generation < lastGeneration) {
    const message = `generation ${generation} after ${lastGeneration}`;
    yield { invariant: 'I31', message };
  }
  const given = calls[0]?.generation ?? generation;
  if (configuration === 'old' || given === generation) return;
  const message = `generation ${generation} in the report, ${given} in the calls`;
  yield { invariant: 'I31', message };
}
