import { Aside } from './set-aside.js';
import type { Configuration } from '../configuration/configuration.js';
import { Deviation } from '../plan/deviation.js';
import type { Engine } from './engine.js';
import { InternalError, PreemptedByDownError } from '../model/errors.js';
import type { ErrorPolicy } from '../run/execution.js';
import type { Journal } from '../run/journal.js';
import type { PlanBlock } from '../plan/plan.js';
import type { PlanRunner } from './plan-runner.js';
import type { ReportDraft } from '../report/report-draft.js';
import type { TransitionOutcome, TransitionReport } from '../report/report.js';
import { tearDown } from './tear-down.js';
import type { Holdings } from '../model/topology.js';
import { Undo } from './undo.js';

/** How a change ended, and which configuration is in force then. */
export interface ChangeResult {
  readonly outcome: TransitionOutcome;
  readonly configuration: TransitionReport['configuration'];
}

/** A checked configuration on its way into force. */
export interface ChangeOptions {
  readonly kind: 'up' | 'signaled';
  readonly to: Configuration;
  readonly from: Configuration | undefined;
  /** The plan's blocks, from the states as they are. */
  readonly blocks: readonly PlanBlock[];
  /** What each participant holds when all is done. */
  readonly wanted: readonly Holdings[];
}

const preempted: ChangeResult = { outcome: 'failed', configuration: 'old' };

/**
 * Brings a checked configuration into force: runs the plan, and where a step
 * fails, undoes what was done (`rollback`) or only what concerns the failing
 * volume (`isolate`).
 */
export class Change {
  private readonly undo: Undo;

  constructor(
    private readonly engine: Engine,
    private readonly runner: PlanRunner,
    private readonly draft: ReportDraft,
    private readonly options: ChangeOptions,
  ) {
    const { states } = engine.state;
    this.undo = new Undo(engine, runner, draft, options, states);
  }

  async run(): Promise<ChangeResult> {
    const { onFailure } = this.engine.settings;
    const body = await this.execute(
      ({ callback }) => callback !== 'signaledFinish',
      onFailure === 'isolate' ? 'isolate' : 'halt',
      this.options.wanted,
    );
    if (this.isPreempted()) return preempted;
    if (body.complete) return this.finish(new Aside());
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
    const context = {
      kind,
      id: this.draft.id,
      generation: to.generation,
      confMap: to.confMap,
      previous: from?.confMap,
    };
    const journal = await this.draft.timed('execute', () =>
      this.runner.run({
        blocks: blocks.filter(include),
        context,
        onError,
        wanted,
      }),
    );
    this.draft.add(journal);
    return journal;
  }

  private isPreempted(): boolean {
    if (this.runner.stoppedBy === undefined) return false;
    this.draft.addError(this.runner.stoppedBy);
    return true;
  }

  /** Sends signaledFinish and decides how it all ended. */
  private async finish(aside: Aside): Promise<ChangeResult> {
    const { state } = this.engine;
    const isBoot = this.options.kind === 'up';
    const finish = await this.execute(
      ({ callback }) => callback === 'signaledFinish',
      isBoot ? 'halt' : 'continue',
      state.states.map(({ held }) => held),
    );
    if (this.isPreempted()) return preempted;
    if (!finish.complete && isBoot) return this.rollBack(finish);
    this.draft.abandon(finish, 'because their participant is unknown');
    return { outcome: this.outcome(aside), configuration: 'new' };
  }

  private outcome(aside: Aside): TransitionOutcome {
    const { state } = this.engine;
    const { to, kind, blocks } = this.options;
    const deviation = new Deviation(state.states, to.topology);
    const excused = [...aside.volumes.keys(), ...state.failures.keys()];
    const differs = deviation.isMoreThan(excused);
    if (differs || state.overdue.length > 0) {
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
  private async rollBack(failed: Journal): Promise<ChangeResult> {
    const { engine, runner, draft, undo } = this;
    const deadline = this.beginUndo(failed);
    const complete = await draft.timed('rollback', () =>
      this.options.kind === 'up'
        ? tearDown(engine, runner, draft, { context: undo.context, deadline })
        : undo.everything(failed, deadline),
    );
    if (this.isPreempted()) return preempted;
    if (complete) return { outcome: 'rolledBack', configuration: 'old' };
    // After a boot there is no configuration in force to compare with.
    if (this.options.kind === 'up') engine.state.incomplete = true;
    return { outcome: 'degraded', configuration: 'old' };
  }

  /** Puts the failing volumes back where they were and goes on with the others. */
  private async isolate(body: Journal): Promise<ChangeResult> {
    const { draft, undo, engine } = this;
    const aside = new Aside(body, this.options.wanted);
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
    if (cause === undefined && this.runner.stoppedBy === undefined) {
      throw new InternalError('a plan ended early though nothing failed');
    }
    const { clock, settings, sink } = this.engine;
    sink.emit({
      type: 'rollbackStarted',
      id: this.draft.id,
      cause: cause ?? new PreemptedByDownError(),
    });
    return clock.now() + settings.rollbackTimeout;
  }
}

/** Whether a callback failed that is about a participant itself, which no volume can be blamed for. */
function failedItself(journal: Journal): boolean {
  return [...journal.failedSteps()].some(({ target }) => target === null);
}
