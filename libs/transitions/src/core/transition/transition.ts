import type { ChangeResult } from './change.js';
import type { Engine } from './engine.js';
import { InternalError } from '../model/errors.js';
import type { Offer } from './admission.js';
import { PlanRunner } from './plan-runner.js';
import { ReportDraft } from '../report/report-draft.js';
import type { TransitionReport } from '../report/report.js';

/** One transition while it runs, from its first event to its report. */
export class Transition {
  readonly runner: PlanRunner;
  readonly draft: ReportDraft;
  /** The configuration that is being checked. */
  offer: Offer | undefined;
  /** Resolves when its last event is out. */
  readonly ended: Promise<void>;
  private markEnded: () => void = () => {};

  constructor(
    private readonly engine: Engine,
    id: number,
    private readonly kind: TransitionReport['kind'],
    private readonly reason: string,
  ) {
    const { state, settings, clock, sink } = engine;
    this.runner = new PlanRunner(state, settings, clock, sink);
    this.draft = new ReportDraft(id, kind, reason, clock);
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
  }

  /** No further step begins; those in flight have so many milliseconds left. */
  stop(cause: Error, graceMs: number): void {
    this.offer?.stop(cause);
    this.runner.stop(cause, graceMs);
  }

  /**
   * Runs it. Never rejects. `conclude` runs before anybody is told how it ended
   * and says which generation is in force then.
   */
  async run(
    body: () => Promise<ChangeResult>,
    conclude: () => number,
  ): Promise<TransitionReport> {
    const { kind, reason, draft } = this;
    const { sink, state } = this.engine;
    state.beginTransition();
    sink.emit({ type: 'transitionStarted', id: draft.id, kind, reason });
    const { outcome, configuration } = await this.guarded(body);
    state.endTransition();
    const report = draft.end(outcome, configuration, conclude());
    sink.emit({ type: 'transitionEnded', report });
    this.markEnded();
    return report;
  }

  private async guarded(
    body: () => Promise<ChangeResult>,
  ): Promise<ChangeResult> {
    try {
      return await body();
    } catch (cause) {
      const message =
        'A bug in nestjs-transitions stopped the transition; please report it';
      this.draft.addError(new InternalError(message, { cause }));
      this.engine.state.incomplete = true;
      return { outcome: 'degraded', configuration: 'old' };
    }
  }
}
