import { Change, type ChangeOptions, type ChangeResult } from './change.js';
import type { Engine } from './engine.js';
import type { InForce } from '../state/in-force.js';
import type { ReloadRequest } from './job-queue.js';
import { Offer } from './admission.js';
import { planReset } from './reset.js';
import { tearDown } from './tear-down.js';
import type { Transition } from './transition.js';

/** What the body of a transition works with. */
export interface TransitionScene {
  readonly engine: Engine;
  readonly inForce: InForce;
  readonly transition: Transition;
}

/** A boot or a reload: checks the configuration that is asked for and brings it into force. */
export async function bringIntoForce(
  scene: TransitionScene,
  kind: 'up' | 'signaled',
  request: ReloadRequest,
): Promise<ChangeResult> {
  const { engine, inForce, transition } = scene;
  const { runner, draft } = transition;
  const from = inForce.configuration;
  transition.offer = new Offer(engine, runner, draft, {
    ...request,
    kind,
    force: request.force ?? false,
    inForce: from,
    generation: inForce.nextGeneration,
  });
  const accepted = await transition.offer.check();
  if (accepted === undefined) {
    const outcome = runner.stoppedBy === undefined ? 'rejected' : 'failed';
    return { outcome, configuration: 'old' };
  }
  const { configuration: to, blocks, wanted } = accepted;
  const result = await change(scene, { kind, to, from, blocks, wanted });
  if (result.configuration === 'new') inForce.put(to);
  return result;
}

/** A reset: brings a volume to what the configuration in force says. */
export async function resetVolume(
  scene: TransitionScene,
  volumeName: string,
): Promise<ChangeResult> {
  // Resets run only while the module is up.
  const to = scene.inForce.configuration!;
  let plan;
  try {
    plan = planReset(scene.engine, volumeName, to.topology);
  } catch (thrown) {
    scene.transition.draft.addError(thrown);
    return { outcome: 'rejected', configuration: 'old' };
  }
  return change(scene, { kind: 'signaled', to, from: to, ...plan });
}

/** A Down: takes down what is really up, by a moment on the clock. */
export async function takeDown(
  { engine, inForce, transition }: TransitionScene,
  deadline: number,
): Promise<ChangeResult> {
  const { state } = engine;
  const { runner, draft } = transition;
  state.goal = undefined;
  if (inForce.held === undefined) {
    return { outcome: 'applied', configuration: 'old' };
  }
  const { generation, confMap } = inForce.held;
  const complete = await tearDown(engine, runner, draft, {
    context: {
      kind: 'down',
      id: draft.id,
      generation,
      confMap,
      previous: confMap,
    },
    deadline,
  });
  state.incomplete = !complete;
  const clean = complete && draft.errors.length === 0;
  return { outcome: clean ? 'applied' : 'failed', configuration: 'old' };
}

function change(
  { engine, inForce, transition }: TransitionScene,
  options: ChangeOptions,
): Promise<ChangeResult> {
  const { runner, draft } = transition;
  inForce.begin(options.to);
  engine.sink.emit({
    type: 'transitionPlanned',
    id: draft.id,
    generation: options.to.generation,
    delta: draft.plan(options.blocks),
  });
  return new Change(engine, runner, draft, options).run();
}
