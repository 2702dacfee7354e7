import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  Step,
  TransitionEvent,
  TransitionReport,
} from 'nestjs-transitions/core';
import { lineOf, type Call } from '../call-log.js';
import { LostVolumes } from './absence.js';
import { type AskedBeside, type EndedTransition } from './ended-transition.js';
import type { ParticipantModel } from './participant-model.js';
import type { ParticipantModels } from './participant-models.js';
import { resetScopeOf, type ResetScope } from './reset-scope.js';
import type { SmallTransition, TroubleModel } from './trouble-model.js';
import { callsBeforeStandIn } from './stand-in.js';
import { Supersession } from './supersession.js';
import { isCallOf, type UnsettledCalls } from './unsettled-calls.js';
import type { Violation } from './violation.js';

type Started = Extract<TransitionEvent, { type: 'transitionStarted' }>;

/** The transition that runs. */
interface Running {
  readonly id: number;
  readonly kind: Started['kind'];
  /** The place of its first call among all. */
  readonly from: number;
  /** What was held before the first call that changes something. */
  before: readonly ParticipantModel[];
  /** There was such a call. */
  hasBegun: boolean;
  readonly unknownBefore: readonly Call[];
  readonly reset: ResetScope | undefined;
  readonly small: SmallTransition | undefined;
  readonly failingBefore: ReadonlySet<string>;
  /** It offers a configuration. */
  readonly isOffer: boolean;
  readonly askedBeside: AskedBeside[];
}

/** What transitions have come to so far: which one runs, and which configuration is in force. */
export class Progress {
  private running: Running | undefined;
  inForce: ConfMap | undefined;
  /** The configuration in force before that. */
  inForceBefore: ConfMap | undefined;
  readonly lost = new LostVolumes();
  /** The participants whose last signaledFinish failed. */
  readonly finishFailed = new Set<string>();
  private lastId = 0;
  private readonly supersession = new Supersession();
  /** The place of the first call of each transition among all. */
  private readonly firstCalls = new Map<number, number>();
  private lastGeneration = 0;
  private settledLate = 0;
  private readonly settledLateBefore = new WeakMap<Call, number>();

  constructor(
    private readonly models: ParticipantModels,
    private readonly unsettled: UnsettledCalls,
    private readonly trouble: TroubleModel,
    /** All of them, in the order in which they began. */
    private readonly calls: readonly Call[],
  ) {}

  /** What was held when the transition that runs began to change something, or the first that it supersedes. */
  get before(): readonly ParticipantModel[] {
    return this.supersession.leftOver?.before ?? this.running?.before ?? [];
  }

  *started({ id, kind, reason }: Started): Generator<Violation> {
    if (this.running !== undefined) {
      const message = `transition ${id} began while ${this.running.id} ran`;
      yield { invariant: 'I10', message };
    }
    if (id <= this.lastId) {
      const message = `transition ${id} after ${this.lastId}`;
      yield { invariant: 'I31', message };
    }
    this.lastId = id;
    const reset = resetScopeOf(reason, this.models.all, this.inForce);
    if (reset) {
      this.unsettled.reset(reset);
      this.trouble.reset(reset);
    }
    const small = reset ? undefined : this.trouble.smallOf({ kind, reason });
    const isOffer = reset === undefined && small === undefined;
    if (reason.startsWith('retry of ') && !this.trouble.isRefused) {
      const message = `transition ${id} tries a reload again that came to something`;
      yield { invariant: 'I51', message };
    }
    this.running = {
      id,
      kind,
      // Those who supersede have asked the participants before.
      from: this.firstCalls.get(id) ?? this.calls.length,
      before: this.models.copies(),
      hasBegun: false,
      unknownBefore: this.unsettled.unknown,
      reset,
      small,
      failingBefore: new Set(this.trouble.failing),
      isOffer,
      askedBeside: [],
    };
  }

  /** The steps of the transition that runs are about to begin. */
  planned(): void {
    if (this.running?.isOffer) this.trouble.offered(this.unsettled.unknown);
  }

  /**
   * A call is about to begin. A dry run, and a reload that is to supersede another,
   * validate outside of their transition; nothing else is called there.
   */
  *beginning(call: Call): Generator<Violation> {
    const { running } = this;
    const { id, callback } = call;
    this.settledLateBefore.set(call, this.settledLate);
    this.lost.beginning(call);
    if (!this.firstCalls.has(id)) {
      this.firstCalls.set(id, this.calls.length - 1);
    }
    if (running && !running.hasBegun && callback !== 'validate') {
      // What settled late while it was checked is what it begins with.
      running.before = this.models.copies();
      running.hasBegun = true;
    }
    if (id === running?.id) return;
    const mayBeAsked = running === undefined || running.kind === 'signaled';
    if (callback === 'validate' && mayBeAsked) {
      const open = this.unsettled.unknown.filter(
        (each) => each.id === running?.id,
      );
      running?.askedBeside.push({ asked: call, open });
      return;
    }
    const message = `${lineOf(call)} of transition ${id}, while ${running?.id ?? 'none'} runs`;
    yield { invariant: 'I10', message };
  }

  /** What a callback did that had run out of time was taken over. */
  tookOver(step: Step): void {
    this.settledLate++;
    const call = this.unsettled.takeDoubtful((each) => isCallOf(each, step));
    if (call?.outcome === 'done') this.models.of(call).end(call);
    if (this.running === undefined) this.trouble.letGo(this.models.all);
  }

  /** Undefined where no such transition ran. */
  ended(report: TransitionReport):
    | (Omit<EndedTransition, 'settings' | 'gate'> & {
        readonly violations: readonly Violation[];
      })
    | undefined {
    const { running } = this;
    if (running?.id !== report.id) return undefined;
    this.running = undefined;
    const made = this.calls
      .slice(running.from)
      .filter(({ id }) => id === report.id);
    const refused = callsBeforeStandIn(report, made);
    const calls = made.slice(refused);
    const { reset, small, failingBefore, isOffer } = running;
    this.takeOver(report, calls, isOffer);
    this.trouble.ended(report, this.models.all, isOffer);
    const { before, unknownBefore, askedBeside } = running;
    const { leftOver } = this.supersession;
    const violations = [...this.supersession.ended(report, calls, before)];
    const { inForce, inForceBefore, lastGeneration } = this;
    this.lastGeneration = report.generation;
    return {
      report,
      lastGeneration,
      steps: [...report.steps].slice(refused),
      calls,
      settledLateBefore: (call) => this.settledLateBefore.get(call) ?? 0,
      unknown: this.unsettled.unknown,
      unknownBefore,
      reset,
      absence: this.lost.absenceIn(report),
      small,
      failingBefore,
      failing: this.trouble.failing,
      leftOver,
      askedBeside,
      violations,
      before,
      after: this.models.all,
      inForce,
      inForceBefore,
    };
  }

  private takeOver(
    { configuration }: TransitionReport,
    calls: readonly Call[],
    isOffer: boolean,
  ): void {
    for (const { participant, callback, outcome } of calls) {
      if (callback !== 'signaledFinish') continue;
      if (outcome === 'done') this.finishFailed.delete(participant);
      else this.finishFailed.add(participant);
    }
    if (configuration === 'old' || !isOffer) return;
    this.inForceBefore = this.inForce;
    // Where nothing was called for it, nobody was told which one it is.
    this.inForce = calls[0]?.confMap;
  }
}
