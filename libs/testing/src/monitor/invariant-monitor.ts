import type { ConfMap } from '@nestjs-transitions/conf';
import type {
  ParticipantSnapshot,
  TransitionCallbacks,
  TransitionEvent,
  TransitionReport,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import { CallLog, lineOf, type AllCallbacks, type Call } from '../call-log.js';
import { differencesFrom, violationsOf } from './ended-transition.js';
import { objectionsTo } from './legal-calls.js';
import { ParticipantModel } from './participant-model.js';
import { topologyOf } from './phase-order.js';
import { InvariantError, type Violation } from './violation.js';

interface Running {
  readonly id: number;
  readonly from: number;
  readonly before: readonly ParticipantModel[];
  readonly wasClean: boolean;
}

/**
 * Watches the calls that participants get, the events and the snapshots, and
 * knows which of the promises of transitions did not hold. It judges by the
 * calls alone, and has no part of the machinery that it judges.
 *
 * Wrap each participant with {@link watch}, in ascending order, hand every
 * event to {@link onEvent}, and end a test with {@link check}.
 */
export class InvariantMonitor {
  readonly violations: Violation[] = [];
  readonly log = new CallLog();
  private readonly models = new Map<string, ParticipantModel>();
  private readonly unsettled = new Set<Call>();
  private running: Running | undefined;
  private inForce: ConfMap | undefined;
  private lastId = 0;
  private lastGeneration = 0;
  private readonly finishFailed = new Set<string>();

  constructor() {
    this.log.listen({
      began: (call) => this.began(call),
      ended: (call) => this.ended(call),
    });
  }

  /** The same participant, watched. Participants are watched in ascending order. */
  watch(name: string, callbacks: TransitionCallbacks = {}): AllCallbacks {
    this.models.set(name, new ParticipantModel(name));
    return this.log.watch(name, callbacks);
  }

  /** Takes every event of the transitions, as it is emitted. */
  onEvent(event: TransitionEvent): void {
    if (event.type === 'transitionStarted') {
      this.transitionStarted(event.id);
      const [, volume] = /^reset (.+)$/.exec(event.reason) ?? [];
      if (volume !== undefined) this.forget(volume);
    }
    if (event.type === 'transitionEnded') this.transitionEnded(event.report);
  }

  /** Compares a snapshot, taken while no transition runs, with what the calls say. */
  compare(snapshot: TransitionsSnapshot): void {
    for (const seen of snapshot.participants) {
      this.violations.push(...this.modelOf(seen).differencesFrom(seen));
    }
    this.compareUnknown(snapshot);
    if (snapshot.lifecycle === 'up') this.compareHealth(snapshot);
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

  /** What a participant holds by its calls. */
  modelOf({ name }: Pick<ParticipantSnapshot, 'name'>): ParticipantModel {
    const model = this.models.get(name);
    if (model === undefined)
      throw new Error(`Participant ${name} is not watched`);
    return model;
  }

  private began(call: Call): void {
    const model = this.modelOf({ name: call.participant });
    this.violations.push(...objectionsTo(call, model), ...this.overlaps(call));
    model.begin(call);
    this.unsettled.add(call);
  }

  private ended(call: Call): void {
    if (!this.unsettled.delete(call)) return;
    if (call.outcome !== 'done') return;
    this.modelOf({ name: call.participant }).end(call);
    if (call.callback === 'signaledFinish') {
      this.finishFailed.delete(call.participant);
    }
  }

  private *overlaps(call: Call): Generator<Violation> {
    if (call.id !== this.running?.id) {
      const message = `${lineOf(call)} of transition ${call.id}, while ${this.running?.id ?? 'none'} runs`;
      yield { invariant: 'I10', message };
    }
    if (call.callback === 'validate') return;
    for (const other of this.unsettled) {
      if (other.callback === 'validate') continue;
      const same =
        call.target === undefined
          ? other.target === undefined && other.participant === call.participant
          : other.target === call.target;
      if (!same) continue;
      const message = `${lineOf(call)}, though ${lineOf(other)} has not settled`;
      yield { invariant: 'I26', message };
    }
  }

  private transitionStarted(id: number): void {
    if (this.running !== undefined) {
      const message = `transition ${id} began while ${this.running.id} ran`;
      this.violations.push({ invariant: 'I10', message });
    }
    if (id <= this.lastId) {
      const message = `transition ${id} after ${this.lastId}`;
      this.violations.push({ invariant: 'I31', message });
    }
    this.lastId = id;
    const before = [...this.models.values()].map((model) => model.copy());
    const wasClean = this.unsettled.size === 0 && this.isClean();
    this.running = { id, from: this.log.calls.length, before, wasClean };
  }

  private transitionEnded(report: TransitionReport): void {
    const { running } = this;
    if (running?.id !== report.id) {
      const message = `transition ${report.id} ended, while ${running?.id ?? 'none'} ran`;
      this.violations.push({ invariant: 'I29', message });
      return;
    }
    this.running = undefined;
    const calls = this.log.calls.slice(running.from);
    const after = [...this.models.values()];
    const { before, wasClean } = running;
    const { inForce } = this;
    const steps = [...report.steps];
    this.violations.push(
      ...violationsOf({
        report,
        steps,
        calls,
        before,
        after,
        inForce,
        wasClean,
      }),
      ...this.generationsOf(report, calls),
    );
    this.takeOver(report, calls);
  }

  private *generationsOf(
    { generation, configuration }: TransitionReport,
    calls: readonly Call[],
  ): Generator<Violation> {
    if (generation < this.lastGeneration) {
      const message = `generation ${generation} after ${this.lastGeneration}`;
      yield { invariant: 'I31', message };
    }
    const given = calls[0]?.generation;
    if (
      configuration === 'new' &&
      given !== undefined &&
      given !== generation
    ) {
      const message = `generation ${generation} in the report, ${given} in the calls`;
      yield { invariant: 'I31', message };
    }
    this.lastGeneration = generation;
  }

  private takeOver(report: TransitionReport, calls: readonly Call[]): void {
    for (const { participant, callback, outcome } of calls) {
      if (callback !== 'signaledFinish') continue;
      if (outcome === 'done') this.finishFailed.delete(participant);
      else this.finishFailed.add(participant);
    }
    if (report.configuration === 'new' && calls[0] !== undefined) {
      this.inForce = calls[0].confMap;
    }
  }

  /** A volume is reset: its calls that have not settled are taken as not done, its group's too. */
  private forget(volume: string): void {
    const groups = [...this.models.values()].map(
      ({ volumes }) => volumes.get(volume)?.group,
    );
    if (this.inForce !== undefined) {
      const { volumes } = topologyOf({ confMap: this.inForce });
      groups.push(volumes.get(volume)?.groupName);
    }
    for (const call of this.unsettled) {
      const isGroup = call.callback.startsWith('volumeGroup');
      const reset = isGroup
        ? groups.includes(call.target)
        : call.target === volume;
      if (reset) this.unsettled.delete(call);
    }
  }

  private isClean(): boolean {
    return this.differences().length === 0;
  }

  private differences(): Violation[] {
    const { inForce } = this;
    if (inForce === undefined) return [];
    return [...this.models.values()].flatMap((model) => [
      ...differencesFrom(model, inForce),
    ]);
  }

  private compareUnknown(snapshot: TransitionsSnapshot): void {
    const said = snapshot.unknown.map(
      ({ participant, callback, target }) =>
        `${participant}.${callback} ${target}`,
    );
    const seen = [...this.unsettled]
      .filter(({ callback }) => callback !== 'validate')
      .map(
        ({ participant, callback, target }) =>
          `${participant}.${callback} ${target}`,
      );
    if (said.sort().join() === seen.sort().join()) return;
    const message = `the snapshot says unknown: ${said.join()}; not settled are ${seen.join()}`;
    this.violations.push({ invariant: 'I24', message });
  }

  /** No silence, and no false alarm. */
  private compareHealth(snapshot: TransitionsSnapshot): void {
    const differences = this.differences();
    const told =
      snapshot.degraded ||
      snapshot.failed.length > 0 ||
      snapshot.unknown.length > 0;
    for (const name of this.finishFailed) {
      if (snapshot.degraded) break;
      const message = `nothing is said of the failed signaledFinish of ${name}`;
      this.violations.push({ invariant: 'I22', message });
    }
    if (differences.length > 0 && !told) {
      const message = `nothing is said of this: ${differences[0]!.message}`;
      this.violations.push({ invariant: 'I22', message });
    }
    const healthy = differences.length === 0 && snapshot.unknown.length === 0;
    if (healthy && snapshot.degraded && this.finishFailed.size === 0) {
      const message = 'degraded, though everything is as configured';
      this.violations.push({ invariant: 'I22', message });
    }
    if (healthy && snapshot.failed.length > 0) {
      const message = `${snapshot.failed[0]!.volume} counts as failed, though everything is as configured`;
      this.violations.push({ invariant: 'I22', message });
    }
  }
}
