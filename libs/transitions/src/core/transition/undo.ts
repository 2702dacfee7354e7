import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';
import { attaining } from '../plan/attaining.js';
import { unserving } from '../plan/holdings.js';
import { mapping, mappingPairs } from '../plan/mapping.js';
import { HoldingsOrder } from '../plan/order-sets.js';
import { planningTransition, type PlanBlock } from '../plan/plan.js';
import type { FailedStep } from '../run/block-record.js';
import type { Journal } from '../run/journal.js';
import type { RunContext } from '../run/step-context.js';
import { doInSlices, type SlicedWork } from '../time/slices.js';
import type { TakenOver } from '../state/in-force.js';
import type { ChangeOptions } from './change-options.js';
import type { SetAside } from './set-aside.js';
import type { Transition } from './transition.js';

// What one callback may use of the time that is left, so that one that hangs
// does not keep the others from being undone.
const shareOfTimeLeft = 0.5;

/**
 * Undoes a change, all of it or what concerns the volumes set aside, from the
 * real state and with the configuration that was in force before. It has a time
 * budget of its own, and a failed step stops only what builds on it.
 */
export class Undo {
  /** What the participants held when the change began, or the first that it supersedes. */
  readonly startStates: readonly ParticipantState[];

  constructor(
    private readonly transition: Transition,
    private readonly options: ChangeOptions,
  ) {
    this.startStates =
      options.takenOver?.startStates ?? transition.engine.state.states;
  }

  /** For the reload that takes over from this one. */
  handOver(journal: Journal): TakenOver {
    const { startStates } = this;
    return { startStates, letGo: this.releasedBy(journal) };
  }

  /** What the callbacks are told. */
  get context(): RunContext {
    const { to, from } = this.options;
    return {
      kind: 'rollback',
      id: this.transition.id,
      generation: to.generation,
      confMap: from?.confMap ?? to.confMap,
      previous: to.confMap,
    };
  }

  /**
   * Back to what was held at the start, but for volumes that are released.
   * Resolves to what each participant is to hold then.
   */
  async everything(
    failed: Journal,
    deadline: number,
  ): Promise<readonly Holdings[]> {
    const released = this.releasedBy(failed);
    this.transition.draft.addReleased(released);
    const atStart = this.startStates.map(({ held }) => held);
    const aims = await this.inSlices(
      mapping(atStart, (held) => unserving(held, released)),
    );
    return this.run(aims, deadline, 'rollback');
  }

  /** Puts back what is set aside; the rest stays as it has become. */
  async setAside(
    aside: SetAside,
    failed: Journal,
    deadline: number,
  ): Promise<void> {
    const { draft, engine } = this.transition;
    const { topology } = this.options.to;
    const released = new Set(
      [...this.releasedBy(failed)].filter((name) => aside.volumes.has(name)),
    );
    draft.addReleased(released);
    const aims = await this.inSlices(
      mappingPairs(
        engine.state.states.map(({ held }) => held),
        this.startStates.map(({ held }) => held),
        (held, atStart) => aside.restoring(held, atStart, released, topology),
      ),
    );
    await this.run(aims, deadline, 'compensation');
  }

  /**
   * Runs what leads from what is held to what is aimed at, and once more with
   * what is left each time an unknown callback settled meanwhile.
   */
  private async run(
    aims: readonly Holdings[],
    deadline: number,
    what: 'rollback' | 'compensation',
  ): Promise<readonly Holdings[]> {
    const { draft, runner, engine, signal } = this.transition;
    const { state } = engine;
    const { overdue } = runner;
    const failed: FailedStep[] = [];
    let wanted: readonly Holdings[];
    let journal: Journal | undefined;
    let settled: number;
    do {
      settled = state.settledLate;
      wanted = await this.attainableOf(aims);
      const blocks = await this.blocksTo(wanted, what);
      journal = undefined;
      if (blocks.length === 0) break;
      journal = await runner.run({
        blocks,
        context: this.context,
        onError: 'continue',
        wanted,
        deadline,
        shareOfTimeLeft,
        failedBefore: [...failed, ...runner.failedLateAfter(overdue)],
      });
      draft.add(journal);
      for (const step of journal.failedSteps()) {
        if (step.kind === 'failed') failed.push(step);
      }
    } while (state.settledLate > settled && !signal.aborted);
    if (journal !== undefined) draft.abandon(journal, `by the ${what}`);
    return this.lessThoseOfOthers(wanted);
  }

  /** In the order of the configuration that callbacks are told, then in that of the one that is undone. */
  private async blocksTo(
    wanted: readonly Holdings[],
    what: 'rollback' | 'compensation',
  ): Promise<PlanBlock[]> {
    const { from, to } = this.options;
    const { state } = this.transition.engine;
    // What reloads that were superseded have left is held in the order in which it came.
    const order =
      from === undefined
        ? new HoldingsOrder(to.topology)
        : new HoldingsOrder(from.topology, to.topology);
    const blocks = await this.inSlices(
      planningTransition(
        'rollback',
        state.states.map((each, index) => ({
          state: each,
          wanted: wanted[index]!,
        })),
        { order, compared: this.transition.compared },
      ),
    );
    // A compensation is followed by the signaledFinish of its transition.
    return what === 'rollback'
      ? blocks
      : blocks.filter(({ callback }) => callback !== 'signaledFinish');
  }

  /** Without what another peer has claimed since it was released here. */
  private async lessThoseOfOthers(
    wanted: readonly Holdings[],
  ): Promise<readonly Holdings[]> {
    const { draft, engine } = this.transition;
    const taken = [...engine.state.absent].filter((name) =>
      wanted.some(({ volumes }) => volumes.get(name)?.served),
    );
    if (taken.length === 0) return wanted;
    draft.addReleased(taken);
    const names = new Set(taken);
    return this.inSlices(mapping(wanted, (held) => unserving(held, names)));
  }

  private async attainableOf(
    aims: readonly Holdings[],
  ): Promise<readonly Holdings[]> {
    const before = this.options.from?.topology;
    if (before === undefined) return aims;
    const held = this.transition.engine.state.states.map((state) => state.held);
    return this.inSlices(
      mappingPairs(aims, held, (aim, now) => attaining(aim, now, before)),
    );
  }

  private inSlices<T>(work: SlicedWork<T>): Promise<T> {
    return doInSlices(work, this.transition.engine.clock);
  }

  /**
   * Volumes that another peer is to serve and for which an unserveVolume was
   * issued: that peer may serve them by now, so nothing serves them here again.
   * What a superseded reload had let go counts as well, unless all serve it again:
   * the newer configuration gives it to this peer.
   */
  private releasedBy(journal: Journal): ReadonlySet<string> {
    const { to, takenOver } = this.options;
    const { topology } = to;
    // The lease says whether it is still ours: what it is not, cannot be claimed.
    if (this.transition.engine.serving !== undefined) return new Set();
    const letGo = [...(takenOver?.letGo ?? [])];
    const released = new Set(letGo.filter((name) => !this.isServed(name)));
    for (const name of journal.calledFor('unserveVolume')) {
      const volume = topology.volumes.get(name);
      const group = volume && topology.groups.get(volume.groupName);
      const primary = group?.primaryPeer ?? '';
      if (primary !== '' && primary !== topology.whoAmI) released.add(name);
    }
    return released;
  }

  /** By all participants. */
  private isServed(volumeName: string): boolean {
    return this.transition.engine.state.states.every(
      ({ held }) => held.volumes.get(volumeName)?.served === true,
    );
  }
}
