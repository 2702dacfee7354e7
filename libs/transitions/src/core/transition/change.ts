import { InternalError } from '../model/errors.js';
import { isVolume } from '../model/step.js';
import type { Holdings } from '../model/topology.js';
import { Deviation } from '../plan/deviation.js';
import type { PlanBlock } from '../plan/plan.js';
import type { Journal } from '../run/journal.js';
import type { ErrorPolicy } from '../run/run-control.js';
import type { ChangeOptions } from './change-options.js';
import type { Course } from './course.js';
import { SetAside } from './set-aside.js';
import { doInSlices, type SlicedWork } from '../time/slices.js';
import { tearDown } from './tear-down.js';
import type { Transition } from './transition.js';
import { Undo } from './undo.js';

/**
 * Brings a checked configuration into force: runs the plan, and where a step
 * fails, undoes what was done (`rollback`) or only what concerns the failing
 * volume or group (`isolate`).
 */
export class Change {
  private readonly undo: Undo;

  constructor(
    private readonly transition: Transition,
    private readonly options: ChangeOptions,
  ) {
    this.undo = new Undo(transition, options);
  }

  async run(): Promise<Course> {
    const { draft } = this.transition;
    const isolates = this.options.onFailure === 'isolate';
    const body = await this.execute(
      ({ callback }) => callback !== 'signaledFinish',
      isolates ? 'isolate' : 'halt',
      this.options.wanted,
    );
    const stopped = this.stopped(body);
    if (stopped !== undefined) return stopped;
    if (!body.hasFailed) {
      // What was passed over is unknown from before, and not for this change to wait for.
      draft.abandon(body, 'because their target is unknown');
      return this.finish(body, new SetAside());
    }
    const isAside = isolates ? !failedItself(body) : this.failedAgain(body);
    return isAside ? this.isolate(body) : this.rollBack(body);
  }

  /** Whether only volumes failed that had been set aside before. */
  private failedAgain(body: Journal): boolean {
    return [...body.failedSteps()].every(
      ({ target }) =>
        target !== null &&
        isVolume(target) &&
        this.options.isolated.has(target.name),
    );
  }

  /** Runs the blocks that are included, with the new configuration. */
  private async execute(
    include: (block: PlanBlock) => boolean,
    onError: ErrorPolicy,
    wanted: readonly Holdings[],
  ): Promise<Journal> {
    const { kind, to, from, blocks } = this.options;
    const { draft, runner, id } = this.transition;
    const journal = await draft.timed('execute', () =>
      runner.run({
        blocks: blocks.filter(include),
        context: {
          kind,
          id,
          generation: to.generation,
          confMap: to.confMap,
          previous: from?.confMap,
        },
        onError,
        isolated: this.options.isolated,
        wanted,
      }),
    );
    draft.add(journal);
    return journal;
  }

  /** How it ends where it was stopped going forward. */
  private stopped(body: Journal): Course | undefined {
    const { supersededBy, draft, engine } = this.transition;
    if (supersededBy === undefined) {
      return this.isStopped() ? { kind: 'stopped' } : undefined;
    }
    draft.addCause(supersededBy);
    engine.inForce.takenOver = this.undo.handOver(body);
    return { kind: 'superseded', by: supersededBy };
  }

  private isStopped(): boolean {
    const { stoppedBy, draft } = this.transition;
    if (stoppedBy === undefined) return false;
    draft.addError(stoppedBy);
    return true;
  }

  /** Puts the failing volumes and groups back where they were and goes on with the others. */
  private async isolate(body: Journal): Promise<Course> {
    const { draft, engine } = this.transition;
    const aside = await doInSlices(this.findingAside(body), engine.clock);
    const deadline = await this.beginUndo(body);
    await draft.timed('rollback', () =>
      this.undo.setAside(aside, body, deadline),
    );
    if (this.isStopped()) return { kind: 'stopped' };
    return this.finish(body, aside);
  }

  private *findingAside(body: Journal): SlicedWork<SetAside> {
    const aside = new SetAside(body, this.options.wanted);
    yield;
    this.transition.draft.noteUntried(body);
    yield;
    return aside;
  }

  /** Sends signaledFinish. A boot has to have come up then, but for what is set aside. */
  private async finish(body: Journal, aside: SetAside): Promise<Course> {
    const { engine, draft } = this.transition;
    const { kind, to, blocks } = this.options;
    const { state } = engine;
    const isBoot = kind === 'up';
    const finish = await this.execute(
      ({ callback }) => callback === 'signaledFinish',
      isBoot ? 'halt' : 'continue',
      state.states.map(({ held }) => held),
    );
    const stopped = this.stopped(body);
    if (stopped !== undefined) return stopped;
    if (isBoot) {
      const isUp =
        finish.complete &&
        !(await doInSlices(this.deviatesBeyond(aside), engine.clock));
      if (!isUp) return this.rollBack(finish);
    }
    draft.abandon(finish, 'because their participant is unknown');
    await doInSlices(
      state.failures.adding(aside.failures(to.generation)),
      engine.clock,
    );
    const anything =
      isBoot ||
      blocks.some(({ targets }) => targets.some((target) => target !== null));
    return { kind: 'changed', anything, aside };
  }

  private *deviatesBeyond({ names }: SetAside): SlicedWork<boolean> {
    const { state } = this.transition.engine;
    const { topology } = this.options.to;
    const deviation = yield* Deviation.comparing(state.states, topology);
    return yield* deviation.isBeyond(state.excusing(names));
  }

  /** Undoes all that was done, from the real state, as far as that is allowed. */
  private async rollBack(failed: Journal): Promise<Course> {
    const { transition, undo } = this;
    const deadline = await this.beginUndo(failed);
    const course = await transition.draft.timed<Course>(
      'rollback',
      async () => {
        if (this.options.kind === 'signaled') {
          const wanted = await undo.everything(failed, deadline);
          return { kind: 'undone', wanted, before: undo.startStates };
        }
        await tearDown(transition, { context: undo.context, deadline });
        return { kind: 'tornDown' };
      },
    );
    return this.isStopped() ? { kind: 'stopped' } : course;
  }

  /** Says that undoing begins; returns the moment at which it has to be over. */
  private async beginUndo(failed: Journal): Promise<number> {
    const { id, engine, draft, runner } = this.transition;
    const cause = failed.failures[0] ?? draft.errors[0];
    if (cause === undefined) {
      throw new InternalError('a plan ended early though nothing failed');
    }
    this.transition.mayBeSuperseded = false;
    // Undoing has all of its time, however long another reload asks the participants.
    if (runner.pause.isOn) await runner.pause.over();
    const { clock, settings, sink } = engine;
    sink.emit({ type: 'rollbackStarted', id, cause });
    return clock.now() + settings.rollbackTimeout;
  }
}

/** Whether a callback failed that is about a participant itself, which no volume can be blamed for. */
function failedItself(journal: Journal): boolean {
  return [...journal.failedSteps()].some(({ target }) => target === null);
}
