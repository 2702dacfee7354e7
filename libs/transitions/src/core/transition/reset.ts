import type { ChangeOptions } from './change-options.js';
import type { Engine } from './engine.js';
import { TransitionStateError } from '../model/errors.js';
import { mapHoldings, withVolumeOf } from '../plan/holdings.js';
import { refuseUnknown } from './admission.js';
import { planTransition } from '../plan/plan.js';
import type { Topology } from '../model/topology.js';

/**
 * Forgets what is recorded against a volume and plans that volume alone, from
 * what is really held to what the configuration in force says.
 *
 * @throws TransitionStateError when nobody knows the volume, TargetUnknownError
 * when a participant itself is unknown.
 */
export function planReset(
  engine: Engine,
  volumeName: string,
  topology: Topology,
): Pick<ChangeOptions, 'blocks' | 'wanted'> {
  const { state } = engine;
  if (!topology.volumes.has(volumeName) && !state.knows(volumeName)) {
    throw new TransitionStateError(
      `reset(${volumeName})`,
      'up',
      'there is no such volume',
    );
  }
  state.forgetUnknown(volumeName);
  const wanted = mapHoldings(state.states, (held) =>
    withVolumeOf(held, topology, volumeName),
  );
  const blocks = planTransition(
    'signaled',
    state.states.map((current, index) => ({
      state: current,
      wanted: wanted[index]!,
    })),
  );
  refuseUnknown(engine, blocks);
  state.failures.delete(volumeName);
  return { blocks, wanted };
}
