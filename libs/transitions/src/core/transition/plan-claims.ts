import type { Serving } from '../leases/serving.js';
import { unserving } from '../plan/holdings.js';
import { mapping } from '../plan/mapping.js';
import type { BlockRecord } from '../run/block-record.js';
import { doInSlices } from '../time/slices.js';
import { releasingUnserved, unserved } from './claims.js';
import type { Engine } from './engine.js';
import type { RunningPlan } from './running-plan.js';

/**
 * With leases, in the middle of a plan: lets go of what is unserved by now, and
 * claims what is to be served. What is another peer's is left out of the rest of
 * the plan.
 */
export async function claimWhatIsServed(
  serving: Serving,
  running: RunningPlan,
  { state, clock }: Engine,
): Promise<void> {
  const { execution } = running;
  const { records } = execution.journal;
  const toServe = execution.namesIn('serveVolume');
  const leaving = [...execution.namesIn('unserveVolume')].filter(
    (name) => !toServe.has(name),
  );
  await doInSlices(releasingUnserved(serving, leaving, state, records), clock);
  // Where some serve a volume already, the others use the same claim.
  const toClaim = await doInSlices(
    unserved(toServe, state.states, records),
    clock,
  );
  const others = await serving.claim(toClaim);
  if (others.size === 0) return;
  execution.leaveOut('serveVolume', others);
  running.wanted = await doInSlices(
    mapping(running.wanted, (held) => unserving(held, others)),
    clock,
  );
}

/** In the middle of a Down: others may have what is unserved while participants go down. */
export async function beginToEndLeases(
  serving: Serving,
  volumeNames: Iterable<string>,
  { state, clock }: Engine,
  records?: readonly BlockRecord[],
): Promise<void> {
  serving.beginToEnd();
  await doInSlices(
    releasingUnserved(serving, volumeNames, state, records),
    clock,
  );
  void serving.end();
}
