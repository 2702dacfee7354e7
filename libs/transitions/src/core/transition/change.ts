import { InternalError } from '../model/errors.js';
import type { Holdings } from '../model/topology.js';
import { Deviation } from '../plan/deviation.js';
import type { PlanBlock } from '../plan/plan.js';
import type { TransitionOutcome } from '../report/outcome.js';
import type { Journal } from '../run/journal.js';
import type { ErrorPolicy } from '../run/run-control.js';
import type { ChangeOptions } from './change-options.js';
import { SetAside } from './set-aside.js';
import { tearDown } from './tear-down.js';
import type { Transition, TransitionEnd } from './transition.js';
import { Undo } from './undo.js';

const preempted: TransitionEnd = { outcome: 'failed', configuration: 'old' };

/**
 * Brings a checked configuration into force: runs the plan, and where a step
 * fails, undoes what was done (`rollback`) or only what concerns the failing
 * volume (`isolate`).
 */
export class Change {
  private readonly undo: Undo;

  constructor(
    private readonly transition: Transition,
    private readonly options: ChangeOptions,
  ) {
    this.undo = new Undo(transition, options);
  }

  async run(): Promise<TransitionEnd> {
    const { onFailure } = this.transition.engine.settings;
    const body = await this.execute(
      ({ callback }) => callback !== 'signaledFinish',
      onFailure === 'isolate' ? 'isolate' : 'halt',
      this.options.wanted,
    );
    if (this.isPreempted()) return preempted;
    if (body.complete) return this.finish(new SetAside());
    const isolates = onFailure === 'isolate' && !failedItself(body);
    return isolates ? this.isolate(body) : this.rollBack(body);
  }

  /** Runs the blocks that are included, with the new configuration. */
  private async execute(
    include: (block: PlanBlock) => boolean,
    onError: ErrorPolicy,
    wanted: readonly Holdings[],
  ): Promise<Journal> {
    const { kind, to, from, blocks } = this.options;
    const { draft, runner, id } = this.transition;
    const context = {
      kind,
      id,
      generation: to.generation,
      confMap: to.confMap,
      previous: from?.confMap,
    };
    const journal = await draft.timed('execute', () =>
      runner.run({
        blocks: blocks.filter(include),
        context,
        onError,
        wanted,
      }),
    );
    draft.add(journal);
    return journal;
  }

  private isPreempted(): boolean {
    const { stoppedBy, draft } = this.transition;
    if (stoppedBy === undefined) return false;
    draft.addError(stoppedBy);
    return true;
  }

  /** Sends signaledFinish and decides how it all ended. */
  private async finish(aside: SetAside): Promise<TransitionEnd> {
    const { engine, draft } = this.transition;
    const { state } = engine;
    const isBoot = this.options.kind === 'up';
    const finish = await this.execute(
      ({ callback }) => callback === 'signaledFinish',
      isBoot ? 'halt' : 'continue',
      state.states.map(({ held }) => held),
    );
    if (this.isPreempted()) return preempted;
    if (!finish.complete && isBoot) return this.rollBack(finish);
    draft.abandon(finish, 'because their participant is unknown');
    return { outcome: this.outcome(aside), configuration: 'new' };
  }

  private outcome(aside: SetAside): TransitionOutcome {
    const { state } = this.transition.engine;
    const { to, kind, blocks } = this.options;
    const deviation = new Deviation(state.states, to.topology);
    const excused = [...aside.volumes.keys(), ...state.failures.keys()];
    const differs = deviation.isMoreThan(excused);
    if (differs || state.unknown.length > 0) {
      return 'degraded';
    }
    const stillAside = excused.some((name) => deviation.concerns(name));
    if (stillAside || !aside.isEmpty) return 'partial';
    const changes = blocks.some(({ targets }) =>
      targets.some((target) => target !== null),
    );
    return changes || kind === 'up' ? 'applied' : 'unchanged';
  }

  /** Undoes all that was done, from the real state, as far as that is allowed. */
  private async rollBack(failed: Journal): Promise<TransitionEnd> {
    const { transition, undo } = this;
    const { engine, draft } = transition;
    const deadline = this.beginUndo(failed);
    const complete = await draft.timed('rollback', () =>
      this.options.kind === 'up'
        ? tearDown(transition, { context: undo.context, deadline })
        : undo.everything(failed, deadline),
    );
    if (this.isPreempted()) return preempted;
    if (complete) return { outcome: 'rolledBack', configuration: 'old' };
    // After a boot there is no configuration in force to compare with.
    if (this.options.kind === 'up') engine.state.incomplete = true;
    return { outcome: 'degraded', configuration: 'old' };
  }

  /** Puts the failing volumes back where they were and goes on with the others. */
  private async isolate(body: Journal): Promise<TransitionEnd> {
    const { undo } = this;
    const { draft, engine } = this.transition;
    const aside = new SetAside(body, this.options.wanted);
    if (aside.isEmpty) {
      draft.abandon(body, 'because their target is unknown');
      return this.finish(aside);
    }
    draft.noteUntried(body);
    const deadline = this.beginUndo(body);
    await draft.timed('rollback', () => undo.setAside(aside, body, deadline));
    if (this.isPreempted()) return preempted;
    for (const failure of aside.failures(this.options.to.generation)) {
      engine.state.failures.set(failure.volume, failure);
      draft.failed.push(failure);
    }
    return this.finish(aside);
  }

  /** Says that undoing begins; returns the moment at which it has to be over. */
  private beginUndo(failed: Journal): number {
    const [cause] = failed.failures;
    if (cause === undefined) {
      throw new InternalError('a plan ended early though nothing failed');
    }
    const { id, engine } = this.transition;
    const { clock, settings, sink } = engine;
    sink.emit({ type: 'rollbackStarted', id, cause });
    return clock.now() + settings.rollbackTimeout;
  }
}

/** Whether a callback failed that is about a participant itself, which no volume can be blamed for. */
function failedItself(journal: Journal): boolean {
  return [...journal.failedSteps()].some(({ target }) => target === null);
}
