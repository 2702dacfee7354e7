import {
  TooManyUnservedError,
  type TransitionCallbacks,
  type TransitionEvent,
  type TransitionReport,
  type TransitionsSnapshot,
} from 'nestjs-transitions/core';
import {
  callbacksOf,
  CallLog,
  lineOf,
  type AllCallbacks,
  type Call,
} from '../call-log.js';
import type { KnownSettings } from './ended-transition.js';
import { GateModel } from './gate-model.js';
import { asConfigured } from './laws/as-told.js';
import { violationsOf } from './laws/ended.js';
import { objectionsTo } from './laws/legal-calls.js';
import { saysWhatIsWrong } from './laws/readiness.js';
import { retriesWhatFailed } from './laws/trouble.js';
import { tellsWhatIs } from './laws/snapshot.js';
import { ParticipantModels } from './participant-models.js';
import { Progress } from './progress.js';
import { isCallOf, UnsettledCalls } from './unsettled-calls.js';
import { TokenModel } from './token-model.js';
import { TroubleModel } from './trouble-model.js';
import { assumeUntold } from './untold.js';
import { InvariantError, type Violation } from './violation.js';

/** What a monitor is told of how transitions are run. What it is not told, it does not judge. */
export interface MonitorOptions extends KnownSettings {
  /** Whether the module is ready with something set aside. Default false. */
  readonly readyWhenPartial?: boolean;
}

/**
 * Watches the calls that participants get, the events and the snapshots, and
 * knows which of the promises of transitions did not hold. It judges by the
 * calls alone, and has no part of the machinery that it judges.
 *
 * Wrap each participant with {@link watch}, in ascending order, hand every
 * event to {@link onEvent} and snapshots to {@link compare}, and end a test with
 * {@link check}.
 */
export class InvariantMonitor {
  readonly violations: Violation[] = [];
  readonly log = new CallLog();
  private readonly models = new ParticipantModels();
  private readonly unsettled = new UnsettledCalls();
  private readonly trouble = new TroubleModel();
  private readonly tokens = new TokenModel();
  private readonly progress: Progress;
  private gate: GateModel | undefined;

  constructor(private readonly options: MonitorOptions = {}) {
    const { models, unsettled, trouble, log } = this;
    this.progress = new Progress(models, unsettled, trouble, log.calls);
    log.listen({
      began: (call) => this.began(call),
      ended: (call) => this.ended(call),
    });
  }

  /**
   * The same participant, watched: it has the callbacks that it had, or every one
   * where none are given. Participants are watched in ascending order.
   */
  watch(name: string): AllCallbacks;
  watch(
    name: string,
    callbacks: TransitionCallbacks | undefined,
  ): TransitionCallbacks;
  watch(name: string, callbacks?: TransitionCallbacks): TransitionCallbacks {
    const watched = this.log.watch(name, callbacks);
    this.models.add(name, callbacksOf(watched));
    return watched;
  }

  /**
   * As {@link watch}, for what lets requests in: it stands behind all
   * participants, is open for a volume from serveVolume or volumeUnserveCancelled
   * on, and closed from volumeToBeUnserved or unserveVolume on. It is shut for a
   * volume that has failed; `lets` says whether it lets requests in, really.
   */
  watchGate(
    name: string,
    callbacks: TransitionCallbacks,
    lets?: (volumeName: string) => boolean,
  ): TransitionCallbacks {
    this.gate = new GateModel(name, this.trouble, lets);
    return this.watch(name, callbacks);
  }

  /** Takes every event of the transitions, as it is emitted. */
  onEvent(event: TransitionEvent): void {
    switch (event.type) {
      case 'transitionStarted':
        this.violations.push(...this.progress.started(event));
        return;
      case 'transitionPlanned':
        this.progress.planned();
        return;
      case 'callbackSettledLate':
        this.progress.tookOver(event);
        return;
      case 'volumeFailed':
        this.trouble.failed(event.volume);
        this.gate?.failed(event.volume);
        this.violations.push(...(this.gate?.shutForFailing() ?? []));
        return;
      case 'leaseSession':
        // Nothing is served with them unless somebody says so.
        if (event.session.state === 'otherStore') this.tokens.beginAgain();
        return;
      case 'leasesLost':
        this.progress.lost.lose(event.volumes);
        return;
      case 'transitionEnded':
        this.transitionEnded(event.report);
        return;
      default:
    }
  }

  /**
   * Compares a snapshot, taken while no transition runs, with what the calls say,
   * and whether the module says that it is ready.
   */
  compare(
    snapshot: TransitionsSnapshot,
    isReady: boolean = snapshot.lifecycle === 'up' && !snapshot.degraded,
  ): void {
    const { unsettled, progress } = this;
    const models = this.models.all;
    unsettled.resolveDoubts((call) =>
      snapshot.unknown.some((step) => isCallOf(call, step)),
    );
    const { inForce, inForceBefore, finishFailed } = progress;
    this.trouble.resolveDoubts(snapshot);
    this.trouble.letGo(models);
    const { failing, isRefused } = this.trouble;
    const { readyWhenPartial = false } = this.options;
    this.violations.push(
      ...tellsWhatIs(snapshot, models, unsettled.unknown),
      ...retriesWhatFailed(snapshot, this.options, isRefused),
      ...(this.gate?.shutForFailing() ?? []),
      ...saysWhatIsWrong({
        snapshot,
        isReady,
        readyWhenPartial,
        models,
        inForce,
        inForceBefore,
        absence: progress.lost.absenceIn(snapshot),
        finishFailed,
        isFailing: failing.size > 0,
      }),
    );
  }

  /** Takes what somebody is told who asked for a reload: who forced it is not told that it would unserve too much. */
  answered(
    request: { readonly force?: boolean | undefined },
    { errors }: Pick<TransitionReport, 'errors'>,
  ): void {
    if (request.force !== true) return;
    for (const error of errors) {
      if (!(error instanceof TooManyUnservedError)) continue;
      const message = `a reload that was forced is refused: ${error.message}`;
      this.violations.push({ invariant: 'I49', message });
    }
  }

  /** @throws InvariantError when any invariant did not hold so far. */
  check(): void {
    if (this.violations.length === 0) return;
    const log = this.log.calls
      .slice(-60)
      .map(
        (call) => `#${call.id} ${call.kind} ${lineOf(call)}: ${call.outcome}`,
      );
    throw new InvariantError(this.violations, log);
  }

  private began(call: Call): void {
    const model = this.models.of(call);
    this.violations.push(...this.progress.beginning(call));
    assumeUntold(call, model);
    this.violations.push(
      ...objectionsTo(call, model),
      ...asConfigured(call),
      ...this.unsettled.overlapsOf(call),
      ...(this.gate?.began(call) ?? []),
      ...this.tokens.began(call, this.models.all),
    );
    model.begin(call);
    this.unsettled.begin(call);
  }

  private ended(call: Call): void {
    const { models, progress, gate } = this;
    if (!this.unsettled.settle(call) || call.outcome !== 'done') return;
    models.of(call).end(call);
    this.violations.push(...(gate?.shutForFailing() ?? []));
    if (call.callback === 'signaledFinish') {
      progress.finishFailed.delete(call.participant);
    }
    if (gate === undefined) return;
    this.violations.push(...gate.ended(call, models, progress.before));
  }

  private transitionEnded(report: TransitionReport): void {
    const ended = this.progress.ended(report);
    if (ended === undefined) {
      const message = `transition ${report.id} ended, though it did not run`;
      this.violations.push({ invariant: 'I29', message });
      return;
    }
    const { options: settings, gate } = this;
    const { violations } = ended;
    this.violations.push(
      ...violations,
      ...(gate?.reopened(ended.after) ?? []),
      ...violationsOf({ ...ended, settings, gate }),
    );
  }
}
