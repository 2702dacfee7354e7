import { withinTime } from '../time/clock.js';
import { doInSlices } from '../time/slices.js';
import type { Transition } from './transition.js';
import type { FailedStep } from '../run/block-record.js';
import type { Journal } from '../run/journal.js';
import { HoldingsOrder } from '../plan/order-sets.js';
import { planningTransition, type PlanBlock } from '../plan/plan.js';
import type { RunContext } from '../run/step-context.js';
import { describeStep, stepOf, type Step } from '../model/step.js';
import { noHoldings } from '../model/topology.js';

// What one callback may use of the time that is left, so that one that hangs
// does not keep the others from being told.
const shareOfTimeLeft = 0.5;

// What groups and volumes may use of all the time: participants go down in the rest.
const shareOfTargets = 0.8;

/** How a tear-down is run: a Down, or the rollback of a boot. */
export interface TearDownOptions {
  readonly context: RunContext;
  /** The moment on the clock at which it ends, done or not. */
  readonly deadline: number;
}

/**
 * Takes everything down that is up, from the real state, in the order of Down:
 * a failed step does not stop the others, only what builds on it, and it is not
 * tried again. Callbacks that are unknown get half of the time that is left to
 * settle, before the participants themselves go down; what their settling makes
 * possible is done then.
 *
 * What is left is in the report.
 */
export function tearDown(
  transition: Transition,
  options: TearDownOptions,
): Promise<void> {
  return new TearDown(transition, options).run();
}

class TearDown {
  private readonly failed: FailedStep[] = [];
  private readonly overdueBefore: number;
  private readonly deadlineOfTargets: number;

  constructor(
    private readonly transition: Transition,
    private readonly options: TearDownOptions,
  ) {
    const { engine, runner } = transition;
    const now = engine.clock.now();
    this.overdueBefore = runner.overdue;
    this.deadlineOfTargets = now + (options.deadline - now) * shareOfTargets;
  }

  async run(): Promise<void> {
    const { state } = this.transition.engine;
    let targets: Journal;
    let itself: Journal | undefined;
    let settled: number;
    do {
      settled = state.settledLate;
      targets = await this.releaseTargets();
      await this.letUnknownSettle();
      if (state.settledLate > settled) continue;
      itself = await this.takeDown();
    } while (state.settledLate > settled);
    const journals = itself === undefined ? [targets] : [targets, itself];
    for (const journal of journals)
      this.transition.draft.abandon(journal, 'going down');
    await this.reportLeftovers(journals);
  }

  /** Everything but the participants themselves. */
  private releaseTargets(): Promise<Journal> {
    return this.runOnly(
      ({ callback }) => callback !== 'down',
      this.deadlineOfTargets,
    );
  }

  private takeDown(): Promise<Journal> {
    return this.runOnly(
      ({ callback }) => callback === 'down',
      this.options.deadline,
    );
  }

  private async runOnly(
    include: (block: PlanBlock) => boolean,
    deadline: number,
  ): Promise<Journal> {
    const { states } = this.transition.engine.state;
    const plan = await this.plan();
    const blocks = plan.filter(
      (block) => include(block) && states[block.participant]!.up,
    );
    const targets = blocks.some(({ callback }) => callback !== 'down');
    const journal = await this.transition.runner.run({
      context: this.options.context,
      blocks,
      // Who has gone down keeps what could not be taken from it.
      wanted: states.map(({ up, held }) => (targets && up ? noHoldings : held)),
      onError: 'continue',
      deadline,
      shareOfTimeLeft,
      endsLeases: true,
      failedBefore: this.failedSoFar(),
    });
    this.transition.draft.add(journal);
    for (const step of journal.failedSteps()) {
      if (step.kind === 'failed') this.failed.push(step);
    }
    return journal;
  }

  /** What failed here, late failures included. */
  private failedSoFar(): FailedStep[] {
    const { runner } = this.transition;
    return [...this.failed, ...runner.failedLateAfter(this.overdueBefore)];
  }

  private async letUnknownSettle(): Promise<void> {
    const { state, clock } = this.transition.engine;
    const patience = (this.deadlineOfTargets - clock.now()) * shareOfTimeLeft;
    if (state.unknown.length === 0 || patience <= 0) return;
    const all = Promise.all(state.unknown.map(({ settled }) => settled));
    await withinTime(all, patience, clock);
    await doInSlices(state.takingOverSettled(), clock);
  }

  /** What no plan had any more: what is unknown, and what showed up too late, at a participant that had gone down. */
  private async reportLeftovers(journals: readonly Journal[]): Promise<void> {
    const { draft } = this.transition;
    const { state } = this.transition.engine;
    for (const { error } of state.unknown) {
      if (!draft.errors.includes(error)) draft.addError(error);
    }
    const plan = await this.plan();
    const steps = plan.flatMap(({ callback, participant, targets }) =>
      state.states[participant]!.up
        ? []
        : targets.map((target) =>
            stepOf(callback, state.participants[participant]!, target),
          ),
    );
    const told = new Set(this.toldSteps(journals).map(keyOf));
    draft.abandonSteps(
      steps.filter((step) => !told.has(keyOf(step))),
      'their participant had gone down already',
    );
  }

  /** Steps that failed, are unknown, or were not tried: the report has them. */
  private toldSteps(journals: readonly Journal[]): Step[] {
    const { state } = this.transition.engine;
    return [
      ...journals.flatMap(({ untried }) => untried),
      ...this.failedSoFar().map(({ error }) => error.step),
      ...state.unknown.map(({ error }) => error.step),
    ];
  }

  private async plan(): Promise<PlanBlock[]> {
    const { state: now, clock, inForce } = this.transition.engine;
    const planned = now.states.map((state) => ({
      state,
      wanted: noHoldings,
    }));
    // What a pass left is not held in any order.
    const order = inForce.held?.topology;
    const options =
      order === undefined ? {} : { order: new HoldingsOrder(order) };
    return doInSlices(planningTransition('down', planned, options), clock);
  }
}

function keyOf(step: Step): string {
  // A plan has the callback in whose place it came.
  const callback =
    step.callback === 'volumeLost' ? 'unserveVolume' : step.callback;
  return `${step.participant}.${describeStep({ ...step, callback })}`;
}
