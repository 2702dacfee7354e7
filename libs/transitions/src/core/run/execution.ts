import type { Participant } from '../model/participant.js';
import type { CallbackName } from '../model/callbacks.js';
import { isVolume, type Step, type Target } from '../model/step.js';
import type { PlanBlock } from '../plan/plan.js';
import { isToTellLoss, mayTellLoss } from './block-calls.js';
import { BlockRun } from './block-run.js';
import { blocksInStep, Follower } from './follower.js';
import type { BlockRecord, RunningBlock } from './block-record.js';
import { Journal } from './journal.js';
import { keepingWhatIsLeft, lettingGoLikewise } from './let-go-likewise.js';
import { RunControl, type RunOptions } from './run-control.js';
import { namesOf } from './target-names.js';
import { doInSlices } from '../time/slices.js';

/** A callback that has not settled. */
export interface CallInFlight extends Step {
  /** Milliseconds since it was called; 0 in the turn in which it was. */
  readonly elapsedMs: number;
}

/** What runs of a plan: one phase at one participant. */
export interface RunningPhase {
  readonly phase: CallbackName;
  readonly participant: string;
  /** In the order in which they were called. */
  readonly inFlight: readonly CallInFlight[];
}

/**
 * One run of a plan.
 *
 * A plan is a list of blocks. A block is one callback of one participant, for
 * its targets in order. Blocks run one after the other: this is the barrier
 * between phases and between participants. A BlockRun begins the steps of a
 * block, up to the participant's concurrency at a time. A step whose callback
 * returns at once is over then and there. A step that returns a promise becomes
 * a StepInFlight, which the Watchdog watches until it settles or its time is
 * up. All of them share the RunControl, which halts the run, lets the process
 * do other work, and keeps what builds on a failed step from running. What was
 * done is in the Journal; the run itself changes no state.
 */
export class Execution {
  readonly journal: Journal;
  private readonly control: RunControl;
  private current: BlockRecord | undefined;
  /**
   * The blocks that are followed by another at its pace, each with its
   * follower.
   */
  private readonly inStep: ReadonlyMap<BlockRecord, BlockRecord>;

  constructor(
    blocks: readonly PlanBlock[],
    private readonly options: RunOptions,
  ) {
    const { participants } = options;
    this.journal = new Journal(participants, blocks);
    this.inStep = blocksInStep(this.journal.records, participants);
    this.control = new RunControl(options);
  }

  /** How far it has come by now, whatever happens later. */
  progress(): {
    readonly records: readonly BlockRecord[];
    readonly running: RunningBlock | undefined;
  } {
    const { records } = this.journal;
    const { running } = this;
    if (running === undefined) {
      return { records: records.map((each) => each.copy()), running };
    }
    const copies = new Map(records.map((each) => [each, each.copy()]));
    return {
      records: [...copies.values()],
      running: {
        record: copies.get(running.record)!,
        follower: running.follower && copies.get(running.follower),
        inFlight: running.inFlight,
      },
    };
  }

  private get running(): RunningBlock | undefined {
    const { current: record } = this;
    if (record === undefined) return undefined;
    const { inFlight } = this.control.watchdog;
    return {
      record,
      follower: this.inStep.get(record),
      inFlight: new Set(inFlight.map(({ index }) => index)),
    };
  }

  /** The steps whose callback has not returned or not settled. */
  get inFlight(): readonly Step[] {
    const { running } = this;
    if (running === undefined) return [];
    const { record, inFlight } = running;
    const { targets, participant } = record.block;
    const called = this.options.participants[participant]!;
    // A callback that has not returned yet belongs to the next step.
    const places = inFlight.size > 0 ? [...inFlight] : [record.started];
    return places
      .filter((index) => record.isCall(index) && index < targets.length)
      .map((index) => record.stepAt(index, called));
  }

  /** The block that runs, and the callbacks of it that have not settled. */
  now(): RunningPhase | undefined {
    const { current } = this;
    if (current === undefined) return undefined;
    const { callback, participant } = current.block;
    const called = this.options.participants[participant]!;
    const { watchdog } = this.control;
    return {
      phase: callback,
      participant: called.name,
      inFlight: watchdog.inFlight.map((step) => ({
        ...current.stepAt(step.index, called),
        elapsedMs: watchdog.elapsed(step) ?? 0,
      })),
    };
  }

  /**
   * Whether a callback about a volume has not settled, or is just being called: to
   * be asked only inside a callback.
   */
  isCallingFor(volumeName: string): boolean {
    const { running } = this;
    if (running === undefined) return false;
    const { record, inFlight } = running;
    const { participant, targets } = record.block;
    const { concurrency } = this.options.participants[participant]!;
    const indexes = [...inFlight];
    // With less in flight than there could be, one more is just being called.
    if (inFlight.size < concurrency) indexes.push(record.started);
    return indexes.some((index) => {
      const target = targets[index] ?? null;
      return target !== null && isVolume(target) && target.name === volumeName;
    });
  }

  /**
   * Resolves when no step runs any more, except for unknown ones. Never
   * rejects.
   */
  async run(): Promise<void> {
    const { control } = this;
    const { pause, betweenUnservingAndServing: between } = this.options;
    const followers = new Set(this.inStep.values());
    const { records } = this.journal;
    const firstAfter = between && firstAfterUnserving(records);
    let place = 0;
    for (; place < records.length; place++) {
      const record = records[place]!;
      if (place === firstAfter && !control.isHalted) await between!();
      if (followers.has(record)) continue;
      if (pause.isOn) await pause.over();
      control.checkDeadline();
      if (control.isHalted) break;
      await this.runBlock(record);
    }
    control.watchdog.close();
    if (place === records.length) return;
    const { blocked, clock } = this.options;
    const { participants, context } = this.options;
    const letGo = lettingGoLikewise(records, place, blocked, (record, target) =>
      isToTellLoss(
        participants[record.block.participant]!,
        record,
        context,
        target,
      ),
    );
    await doInSlices(letGo, clock);
  }

  /** The names in all blocks of a callback that have not been left out. */
  namesIn(callback: CallbackName): ReadonlySet<string> {
    const lists = new Set<readonly Target[]>();
    for (const { block } of this.journal.records) {
      if (block.callback === callback) lists.add(block.targets);
    }
    const [first = [], ...others] = lists;
    if (others.length === 0) return namesOf(first);
    const names = new Set(namesOf(first));
    for (const list of others) {
      for (const name of namesOf(list)) names.add(name);
    }
    return names;
  }

  /** Takes targets out of all blocks of a callback. None of them has begun. */
  leaveOut(callback: CallbackName, names: ReadonlySet<string>): void {
    const left = new Map<readonly Target[], readonly Target[]>();
    for (const record of this.journal.records) {
      const { block } = record;
      if (block.callback !== callback) continue;
      let targets = left.get(block.targets);
      if (targets === undefined) {
        targets = block.targets.filter(
          (target) => target === null || !names.has(target.name),
        );
        left.set(block.targets, targets);
      }
      record.leaveOut(targets);
    }
  }

  /** See {@link RunControl.stop}. */
  stop(cause: Error, graceMs: number): void {
    this.control.stop(cause, graceMs);
  }

  private async runBlock(record: BlockRecord): Promise<void> {
    const { clock, participants, blocked, onBlockEnded } = this.options;
    const participant: Participant = participants[record.block.participant]!;
    const { context } = this.options;
    const mayCall = record.called || mayTellLoss(participant, record, context);
    if (!mayCall && blocked.isEmpty) {
      record.started = record.block.targets.length;
      return;
    }
    if (!record.called) {
      const { records } = this.journal;
      await doInSlices(keepingWhatIsLeft(record, records, blocked), clock);
    }
    const follower = this.followerOf(record);
    const startedAt = clock.now();
    this.current = record;
    this.control.forgetPace();
    await new BlockRun(this.control, record, participant, follower).run();
    this.current = undefined;
    record.durationMs = clock.now() - startedAt;
    if (record.called || record.calls > 0) onBlockEnded(record, participant);
    if (follower === undefined) return;
    follower.record.durationMs = record.durationMs;
    onBlockEnded(follower.record, follower.participant);
  }

  private followerOf(record: BlockRecord): Follower | undefined {
    const follower = this.inStep.get(record);
    if (follower === undefined) return undefined;
    const { participants } = this.options;
    const participant = participants[follower.block.participant]!;
    return new Follower(this.control, follower, participant);
  }
}

/** Where the first block is that nothing is unserved after. */
function firstAfterUnserving(records: readonly BlockRecord[]): number {
  const last = records.findLastIndex(
    ({ block }) => block.callback === 'unserveVolume',
  );
  return last >= 0
    ? last + 1
    : records.findIndex(({ block }) => block.callback === 'serveVolume');
}
