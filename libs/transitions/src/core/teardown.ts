import { withinTime } from './clock.js';
import type { Engine } from './engine.js';
import type { Journal } from './journal.js';
import { planTransition, type PlanBlock } from './plan.js';
import type { PlanRunner } from './plan-runner.js';
import type { ReportDraft } from './report-draft.js';
import type { RunContext } from './step-context.js';
import { noHoldings } from './topology.js';

// What one callback may use of the time that is left, so that one that hangs
// does not keep the others from being told.
const shareOfTimeLeft = 0.5;

/** How a tear-down is run: a Down, or the rollback of a boot. */
export interface TearDownOptions {
  readonly context: RunContext;
  /** The moment on the clock at which it ends, done or not. */
  readonly deadline: number;
}

/**
 * Takes everything down that is up, from the real state, in the order of Down:
 * a failed step does not stop the others, only what builds on it. Callbacks
 * that are overdue get half of the time that is left to settle, before the
 * participants themselves go down.
 *
 * Resolves to whether nothing is left; what is, is in the report.
 */
export async function tearDown(
  engine: Engine,
  runner: PlanRunner,
  draft: ReportDraft,
  options: TearDownOptions,
): Promise<boolean> {
  const teardown = new TearDown(engine, runner, draft, options);
  return teardown.run();
}

class TearDown {
  constructor(
    private readonly engine: Engine,
    private readonly runner: PlanRunner,
    private readonly draft: ReportDraft,
    private readonly options: TearDownOptions,
  ) {}

  async run(): Promise<boolean> {
    let targets = await this.releaseTargets();
    if (this.engine.state.overdue.length > 0 && (await this.someSettle())) {
      targets = await this.releaseTargets(targets);
    }
    const itself = await this.takeDown();
    this.draft.abandon(targets, 'going down');
    this.draft.abandon(itself, 'going down');
    const { overdue } = this.engine.state;
    return targets.complete && itself.complete && overdue.length === 0;
  }

  /** Everything but the participants themselves. */
  private async releaseTargets(failedBefore?: Journal): Promise<Journal> {
    const blocks = this.plan(({ callback }) => callback !== 'down');
    const wanted = this.engine.state.states.map(() => noHoldings);
    const journal = await this.runner.run({
      ...this.options,
      blocks,
      wanted,
      onError: 'continue',
      shareOfTimeLeft,
      ...(failedBefore === undefined ? {} : { failedBefore }),
    });
    this.draft.add(journal);
    return journal;
  }

  private async takeDown(): Promise<Journal> {
    const journal = await this.runner.run({
      ...this.options,
      blocks: this.plan(({ callback }) => callback === 'down'),
      wanted: this.engine.state.states.map(({ held }) => held),
      onError: 'continue',
      shareOfTimeLeft,
    });
    this.draft.add(journal);
    return journal;
  }

  private plan(include: (block: PlanBlock) => boolean): PlanBlock[] {
    const changes = this.engine.state.states.map((state) => ({
      state,
      wanted: noHoldings,
    }));
    return planTransition('down', changes).filter(include);
  }

  /** Waits for overdue callbacks; resolves to whether any has settled. */
  private async someSettle(): Promise<boolean> {
    const { state, clock } = this.engine;
    const before = state.overdue;
    const patience = (this.options.deadline - clock.now()) * shareOfTimeLeft;
    if (patience > 0) {
      await withinTime(
        Promise.all(before.map(({ settled }) => settled)),
        patience,
        clock,
      );
    }
    return state.overdue.length < before.length;
  }
}
