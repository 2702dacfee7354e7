import { admit } from './admission.js';
import { Change } from './change.js';
import type { ChangeOptions } from './change-options.js';
import type { ReloadRequest } from './job-queue.js';
import { planReset } from './reset.js';
import type { Transition, TransitionEnd } from './transition.js';

/** A boot or a reload: admits the configuration that is asked for and brings it into force. */
export async function bringIntoForce(
  transition: Transition,
  kind: 'up' | 'signaled',
  request: ReloadRequest,
): Promise<TransitionEnd> {
  const { inForce } = transition.engine;
  const from = inForce.configuration;
  const admitted = await admit(transition, kind, request);
  if (admitted === undefined) {
    const outcome = transition.signal.aborted ? 'failed' : 'rejected';
    return { outcome, configuration: 'old' };
  }
  const end = await change(transition, { kind, from, ...admitted });
  if (end.configuration === 'new') inForce.put(admitted.to);
  return end;
}

/** A reset: brings a volume to what the configuration in force says. */
export async function resetVolume(
  transition: Transition,
  volumeName: string,
): Promise<TransitionEnd> {
  // Resets run only while the module is up.
  const to = transition.engine.inForce.configuration!;
  let plan;
  try {
    plan = planReset(transition.engine, volumeName, to.topology);
  } catch (thrown) {
    transition.draft.addError(thrown);
    return { outcome: 'rejected', configuration: 'old' };
  }
  return change(transition, { kind: 'signaled', to, from: to, ...plan });
}

function change(
  transition: Transition,
  options: ChangeOptions,
): Promise<TransitionEnd> {
  const { engine, draft, id } = transition;
  engine.inForce.begin(options.to);
  engine.sink.emit({
    type: 'transitionPlanned',
    id,
    generation: options.to.generation,
    delta: draft.plan(options.blocks),
  });
  return new Change(transition, options).run();
}
