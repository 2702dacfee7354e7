import type { Configuration } from './candidate.js';
import type { CallbackError } from './errors.js';
import { PreemptedByDownError, RejectTransition } from './errors.js';
import type { ErrorPolicy } from './execution.js';
import type { Journal } from './journal.js';
import type { ParticipantState } from './participant.js';
import { planTransition, type PlanBlock } from './plan.js';
import type { PlanRunner } from './plan-runner.js';
import { volumesIn, withoutServing } from './real-state.js';
import type { ReportDraft } from './report-draft.js';
import type { TransitionOutcome, TransitionReport } from './report.js';
import { isVolume } from './step.js';
import { tearDown } from './teardown.js';
import type { Engine } from './engine.js';
import type { Holdings } from './topology.js';

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

/**
 * Brings a checked configuration into force: runs the plan, and where a step
 * fails, undoes what was done (`rollback`) or only what concerns the failing
 * volume (`isolate`).
 */
export class Change {
  private readonly startStates: readonly ParticipantState[];

  constructor(
    private readonly engine: Engine,
    private readonly runner: PlanRunner,
    private readonly draft: ReportDraft,
    private readonly options: ChangeOptions,
  ) {
    this.startStates = engine.state.states;
  }

  async run(): Promise<ChangeResult> {
    const { blocks, wanted } = this.options;
    const body = await this.draft.timed('execute', () =>
      this.runner.run({
        blocks: blocks.filter(({ callback }) => callback !== 'signaledFinish'),
        context: this.forwardContext(),
        onError: this.policy,
        wanted,
      }),
    );
    this.draft.add(body);
    if (this.isPreempted()) return preempted;
    if (body.complete) return this.finish(new Aside());
    const { onFailure } = this.engine.settings;
    const isolates = onFailure === 'isolate' && !failedItself(body);
    return isolates ? this.isolate(body) : this.rollBack(body);
  }

  private get policy(): ErrorPolicy {
    return this.engine.settings.onFailure === 'isolate' ? 'isolate' : 'halt';
  }

  private forwardContext() {
    const { kind, to, from } = this.options;
    return {
      kind,
      id: this.draft.id,
      generation: to.generation,
      confMap: to.confMap,
      previous: from?.confMap,
    };
  }

  private undoContext() {
    const { to, from } = this.options;
    return {
      ...this.forwardContext(),
      kind: 'rollback' as const,
      confMap: from?.confMap ?? to.confMap,
      previous: to.confMap,
    };
  }

  private isPreempted(): boolean {
    if (this.runner.stoppedBy === undefined) return false;
    this.draft.addError(new PreemptedByDownError());
    return true;
  }

  /** Sends signaledFinish and decides how it all ended. */
  private async finish(aside: Aside): Promise<ChangeResult> {
    const { state } = this.engine;
    const finish = await this.draft.timed('execute', () =>
      this.runner.run({
        blocks: this.options.blocks.filter(
          ({ callback }) => callback === 'signaledFinish',
        ),
        context: this.forwardContext(),
        onError: this.options.kind === 'up' ? 'halt' : 'continue',
        wanted: state.states.map(({ held }) => held),
      }),
    );
    this.draft.add(finish);
    if (this.isPreempted()) return preempted;
    if (!finish.complete && this.options.kind === 'up') {
      return this.rollBack(finish);
    }
    state.incomplete = !aside.putBack || !finish.complete;
    if (state.isDegraded) {
      this.draft.abandon(finish, 'because their target is unknown');
      return { outcome: 'degraded', configuration: 'new' };
    }
    if (!aside.isEmpty) return { outcome: 'partial', configuration: 'new' };
    const unchanged = this.options.blocks.every(({ targets }) =>
      targets.every((target) => target === null),
    );
    return {
      outcome:
        unchanged && this.options.kind === 'signaled' ? 'unchanged' : 'applied',
      configuration: 'new',
    };
  }

  /** Undoes all that was done, from the real state, as far as that is allowed. */
  private async rollBack(failed: Journal): Promise<ChangeResult> {
    const { engine, runner, draft } = this;
    const cause = failed.failures[0] ?? new PreemptedByDownError();
    engine.sink.emit({ type: 'rollbackStarted', id: draft.id, cause });
    const deadline = engine.clock.now() + engine.settings.rollbackTimeout;
    const complete = await draft.timed('rollback', () =>
      this.options.kind === 'up'
        ? tearDown(engine, runner, draft, {
            context: this.undoContext(),
            deadline,
          })
        : this.restore(failed, deadline),
    );
    if (this.isPreempted()) return preempted;
    if (complete) return { outcome: 'rolledBack', configuration: 'old' };
    engine.state.incomplete = true;
    return { outcome: 'degraded', configuration: 'old' };
  }

  /** Back to what was held at the start, but for volumes that are released. */
  private async restore(failed: Journal, deadline: number): Promise<boolean> {
    const released = this.releasedBy(failed);
    this.draft.released.push(...released);
    const goals = sharedMap(this.startStates, (held) =>
      released.size === 0 ? held : withoutServing(held, released),
    );
    return this.undo(goals, deadline, 'rollback');
  }

  private async undo(
    wanted: readonly Holdings[],
    deadline: number,
    kind: 'rollback' | 'compensation',
  ): Promise<boolean> {
    const planned = this.engine.state.states.map((state, index) => ({
      state,
      wanted: wanted[index]!,
    }));
    const blocks = planTransition('rollback', planned).filter(
      ({ callback }) => kind === 'rollback' || callback !== 'signaledFinish',
    );
    const journal = await this.runner.run({
      blocks,
      context: this.undoContext(),
      onError: 'continue',
      wanted,
      deadline,
    });
    this.draft.add(journal);
    this.draft.abandon(journal, `by the ${kind}`);
    return journal.complete && this.engine.state.overdue.length === 0;
  }

  /**
   * Volumes that another peer is to serve and for which an unserveVolume was
   * issued: that peer may serve them by now, so nothing serves them here again.
   */
  private releasedBy(journal: Journal): ReadonlySet<string> {
    const { topology } = this.options.to;
    const released = new Set<string>();
    for (const { callback, target } of journal.calls()) {
      if (callback !== 'unserveVolume' || target === undefined) continue;
      const volume = topology.volumes.get(target);
      const group = volume && topology.groups.get(volume.groupName);
      const primary = group?.primaryPeer ?? '';
      if (primary !== '' && primary !== topology.whoAmI) released.add(target);
    }
    return released;
  }

  /** Puts the failing volumes back where they were and goes on with the others. */
  private async isolate(body: Journal): Promise<ChangeResult> {
    const { engine, draft } = this;
    const aside = this.asideAfter(body);
    const cause = body.failures[0];
    if (cause !== undefined) {
      engine.sink.emit({ type: 'rollbackStarted', id: draft.id, cause });
      aside.putBack = await draft.timed('rollback', () =>
        this.compensate(body, aside),
      );
    } else aside.putBack = false;
    if (this.isPreempted()) return preempted;
    this.recordFailures(aside);
    return this.finish(aside);
  }

  private compensate(body: Journal, aside: Aside): Promise<boolean> {
    const { clock, settings, state } = this.engine;
    const released = new Set(
      [...this.releasedBy(body)].filter((name) => aside.volumes.has(name)),
    );
    this.draft.released.push(...released);
    const goals = state.states.map(({ held }, index) =>
      aside.restoredIn(held, this.startStates[index]!.held, released),
    );
    const deadline = clock.now() + settings.rollbackTimeout;
    return this.undo(goals, deadline, 'compensation');
  }

  private recordFailures(aside: Aside): void {
    for (const [volume, error] of aside.volumes) {
      if (error.cause instanceof RejectTransition) continue;
      const { participant, callback } = error.step;
      const { generation } = this.options.to;
      const failure = { volume, participant, callback, error, generation };
      this.engine.state.failures.set(volume, failure);
      this.draft.failed.push(failure);
    }
  }

  private asideAfter(body: Journal): Aside {
    const aside = new Aside();
    for (const { target, error } of body.failedSteps()) {
      if (target === null) continue;
      if (isVolume(target)) aside.volumes.set(target.name, error);
      else {
        aside.groups.add(target.name);
        for (const volume of this.volumesWantedIn(target.name)) {
          if (!aside.volumes.has(volume)) aside.volumes.set(volume, error);
        }
      }
    }
    return aside;
  }

  private volumesWantedIn(groupName: string): ReadonlySet<string> {
    return new Set(
      [...new Set(this.options.wanted)].flatMap((wanted) =>
        volumesIn(wanted, groupName).map(({ name }) => name),
      ),
    );
  }
}

const preempted: ChangeResult = { outcome: 'failed', configuration: 'old' };

/** What `isolate` sets aside. */
class Aside {
  readonly volumes = new Map<string, CallbackError>();
  readonly groups = new Set<string>();
  /** All of it was put back where it was. */
  putBack = true;

  get isEmpty(): boolean {
    return this.volumes.size === 0 && this.groups.size === 0;
  }

  /** What a participant has, with what is set aside as it was at the start. */
  restoredIn(
    held: Holdings,
    atStart: Holdings,
    released: ReadonlySet<string>,
  ): Holdings {
    const groups = new Map(held.groups);
    for (const name of this.groups) restore(groups, atStart.groups, name);
    const volumes = new Map(held.volumes);
    for (const name of this.volumes.keys()) {
      restore(volumes, atStart.volumes, name);
    }
    const back = { groups, volumes };
    const gone = [...this.volumes.keys()].filter((name) => released.has(name));
    return gone.length === 0 ? back : withoutServing(back, new Set(gone));
  }
}

function restore<T>(
  into: Map<string, T>,
  from: ReadonlyMap<string, T>,
  name: string,
): void {
  const record = from.get(name);
  if (record === undefined) into.delete(name);
  else into.set(name, record);
}

/** Whether a callback failed that is about a participant itself, which no volume can be blamed for. */
function failedItself(journal: Journal): boolean {
  return [...journal.failedSteps()].some(({ target }) => target === null);
}

/** Maps what states hold, keeping shared what is shared. */
function sharedMap(
  states: readonly ParticipantState[],
  map: (held: Holdings) => Holdings,
): Holdings[] {
  const mapped = new Map<Holdings, Holdings>();
  return states.map(({ held }) => {
    let goal = mapped.get(held);
    if (goal === undefined) mapped.set(held, (goal = map(held)));
    return goal;
  });
}
