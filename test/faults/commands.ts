import assert from 'node:assert/strict';
import type { Fault, FaultyStep } from '@nestjs-transitions/testing';
import {
  TransitionStateError,
  type ResetTarget,
  type TransitionReport,
  type TransitionsSnapshot,
} from 'nestjs-transitions/core';
import type * as fc from 'fast-check';
import {
  confMapOf,
  desired,
  edited,
  invalidConfMap,
  type Cluster,
  type Edit,
} from './history.js';
import { Judgement, type Model, type Offer } from './judgement.js';
import type { World } from './world.js';

type Command = fc.AsyncCommand<Model, World>;

abstract class WhileUp implements Command {
  check({ over }: Model): boolean {
    return !over;
  }

  abstract run(model: Model, world: World): Promise<void>;
  abstract toString(): string;
}

/** Edits of the last configuration, and whether the reload with them is forced. */
export interface Change {
  readonly edits: readonly Edit[];
  readonly force?: boolean;
}

/** A reload with an edited configuration. */
export class Reload extends WhileUp {
  constructor(protected readonly change: Change) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const offer = offered(model, this.change);
    const judgement = new Judgement(model, world);
    const report = await world.harness.signaled(offer.confMap, offer);
    judgement.of(report, offer);
  }

  toString(): string {
    return `reload(${words(this.change)})`;
  }
}

/** A dry run, and then the reload that it foretells. */
export class ForetoldReload extends Reload {
  override async run(model: Model, world: World): Promise<void> {
    const { harness } = world;
    const offer = offered(model, this.change);
    const judgement = new Judgement(model, world);
    const begun = transitionsBegun(world);
    const before = harness.snapshot();
    const foretold = await harness.dryRun(offer.confMap, offer);
    // What is tried again by itself comes when it is due, or runs already.
    const isAlone = !before.busy && transitionsBegun(world) === begun;
    if (isAlone && !judgement.isDisturbed) {
      assert.deepEqual(timeless(harness.snapshot()), timeless(before));
    }
    const { calls } = harness.monitor.log;
    const made = calls.length;
    const report = await harness.signaled(offer.confMap, offer);
    judgement.of(report, offer);
    const isNext = isAlone && transitionsBegun(world) === begun + 1;
    if (judgement.isDisturbed || !isNext) return;
    assert.equal(report.outcome, foretold.outcome);
    assert.deepEqual(
      calls
        .slice(made)
        .flatMap(({ callback, participant, target }) =>
          callback === 'validate' ? [] : `${participant}.${callback} ${target}`,
        ),
      foretold.steps.map(
        ({ callback, participant, target }) =>
          `${participant}.${callback} ${target}`,
      ),
    );
  }

  override toString(): string {
    return `dry run and ${super.toString()}`;
  }
}

/** Several reloads at once: the first one runs, and one more for all the others. */
export class ReloadsAtOnce extends WhileUp {
  constructor(private readonly changes: readonly Change[]) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const offers = this.changes.map((change) => offered(model, change));
    const judgement = new Judgement(model, world);
    // While something is tried again, all of them wait, and one runs for all.
    const isNext = !world.harness.snapshot().busy;
    const reports = await world.harness.signaledAtOnce(...offers);
    const first = isNext ? reports[0] : undefined;
    const others = reports.slice(isNext ? 1 : 0);
    assert.equal(
      new Set(others.map(({ id }) => id)).size,
      Math.min(1, others.length),
    );
    if (first !== undefined) judgement.of(first, offers[0]!, others.length > 0);
    const last = others.at(-1);
    if (last === undefined) return;
    const force = offers.slice(isNext ? 1 : 0).some((offer) => offer.force);
    judgement.of(last, { ...offers.at(-1)!, force });
  }

  toString(): string {
    return `at once(${this.changes.map(words).join(' | ')})`;
  }
}

/** A reload, and inside the k-th call from now on another that is to supersede it. */
export class SupersededReload extends WhileUp {
  constructor(
    private readonly first: Change,
    private readonly newer: Change,
    private readonly inCall: number,
  ) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const { harness, faults } = world;
    const offers = [this.first, this.newer].map((each) => offered(model, each));
    const [first, newer] = offers as [Offer, Offer];
    const judgement = new Judgement(model, world);
    let asked: Promise<TransitionReport> | undefined;
    const ask = (): Promise<TransitionReport> =>
      (asked ??= harness.coordinator.signaled({
        load: () => newer.confMap,
        reason: 'newer',
        force: newer.force,
        supersede: true,
      }));
    faults.duringCall(this.inCall, () => void ask());
    const running = harness.coordinator.signaled({
      load: () => first.confMap,
      reason: 'first',
      force: first.force,
    });
    const report = await world.clock.settle(running);
    const last = await harness.settle(ask());
    if (report.outcome === 'superseded') judgement.ofSuperseded(first);
    else judgement.of(report, first, true);
    judgement.of(last, newer);
  }

  toString(): string {
    return `reload(${words(this.first)}) superseded in call +${this.inCall} by reload(${words(this.newer)})`;
  }
}

/** The k-th call from now on fails. */
export class FaultAt extends WhileUp {
  constructor(
    private readonly k: number,
    private readonly fault: Fault,
    private readonly lateAfter?: number,
  ) {
    super();
  }

  async run(_model: Model, { faults }: World): Promise<void> {
    faults.atCall(this.k, this.fault, this.lateAfter);
  }

  toString(): string {
    return `${this.fault} at call +${this.k} (${this.lateAfter})`;
  }
}

/** The next call of one callback at one participant fails. */
export class FaultOn extends WhileUp {
  constructor(
    private readonly step: FaultyStep,
    private readonly fault: Fault,
    private readonly lateAfter?: number,
  ) {
    super();
  }

  async run(_model: Model, { faults }: World): Promise<void> {
    faults.at(this.step, this.fault, 1, this.lateAfter);
  }

  toString(): string {
    const { participant, callback } = this.step;
    return `${this.fault} in ${participant}.${callback} (${this.lateAfter})`;
  }
}

/** Time passes: what is late settles, some of it. */
export class Wait extends WhileUp {
  constructor(private readonly milliseconds: number) {
    super();
  }

  async run(_model: Model, world: World): Promise<void> {
    await world.harness.checkAfter(this.milliseconds);
  }

  toString(): string {
    return `wait ${this.milliseconds} ms`;
  }
}

/** A volume breaks while it is served, perhaps inside a call of a reload. */
export class Fail extends WhileUp {
  constructor(
    private readonly volume: string,
    private readonly change?: Change,
    private readonly inCall = 1,
  ) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    await (this.change === undefined
      ? this.runAlone(model, world)
      : this.runWithin(this.change, model, world));
  }

  private async runAlone(model: Model, world: World): Promise<void> {
    const { harness } = world;
    const judgement = new Judgement(model, world);
    if (!isServed(this.volume, world)) {
      const refused = harness.coordinator.fail(
        this.volume,
        new Error('broken'),
      );
      await assert.rejects(refused, TransitionStateError);
      return;
    }
    const report = await harness.fail(this.volume);
    const isOurs = desired(model.inForce).includes(this.volume);
    if (judgement.isDisturbed || !isOurs) return;
    const outcomes = judgement.wasDegraded
      ? ['partial', 'degraded']
      : ['partial'];
    assert(outcomes.includes(report.outcome), report.outcome);
    assert(!isServed(this.volume, world));
    const { failed } = harness.snapshot();
    assert(failed.some(({ volume }) => volume === this.volume));
  }

  /** It waits for the reload, whatever becomes of it, and is let go of then. */
  private async runWithin(
    change: Change,
    model: Model,
    world: World,
  ): Promise<void> {
    const { harness, faults } = world;
    const offer = offered(model, change);
    const judgement = new Judgement(model, world);
    let failed: Promise<TransitionReport | undefined> | undefined;
    let isOver = false;
    faults.duringCall(this.inCall, () => {
      // It may have fewer calls than that.
      if (isOver) return;
      failed = harness.coordinator
        .fail(this.volume, new Error('broken'))
        .catch(() => undefined);
    });
    const report = await harness.signaled(offer.confMap, offer);
    isOver = true;
    const fallen = failed && (await harness.settle(failed));
    judgement.of(report, offer, failed !== undefined);
    if (judgement.isDisturbed || fallen === undefined) return;
    assert.notEqual(fallen.outcome, 'rejected');
    assert(!isServed(this.volume, world));
  }

  toString(): string {
    const { volume, change, inCall } = this;
    if (change === undefined) return `fail ${volume}`;
    return `fail ${volume} in call +${inCall} of reload(${words(change)})`;
  }
}

/** A reset of a volume, a group or a participant. */
export class Reset extends WhileUp {
  constructor(private readonly target: ResetTarget) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const judgement = new Judgement(model, world);
    const { outcome } = await world.harness.reset(this.target);
    if (judgement.isDisturbed || outcome === 'rejected') return;
    const { inForce } = model;
    const { participants } = world.harness.snapshot();
    const concerned = concernedBy(this.target, inForce);
    for (const { served } of participants) {
      assert.deepEqual(
        served.filter((volume) => concerned.includes(volume)).toSorted(),
        desired(inForce).filter((volume) => concerned.includes(volume)),
      );
    }
  }

  toString(): string {
    return `reset ${JSON.stringify(this.target)}`;
  }
}

/** The end, perhaps inside a call of a last reload. */
export class Down extends WhileUp {
  constructor(
    private readonly change: Change,
    private readonly inCall: number,
  ) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    model.over = true;
    const { harness, faults } = world;
    const judgement = new Judgement(model, world);
    let down: Promise<TransitionReport> | undefined;
    faults.duringCall(this.inCall, () => {
      down = harness.coordinator.down('test');
    });
    const cluster = edited(model.history, this.change.edits) ?? model.inForce;
    const { force = false } = this.change;
    const last = { confMap: confMapOf(cluster), force };
    const queued = { confMap: confMapOf(model.inForce) };
    await harness.signaledAtOnce(last, queued);
    const report = await harness.settle(
      down ?? harness.coordinator.down('test'),
    );
    if (judgement.isDisturbed) return;
    assert.equal(report.outcome, 'applied');
    const { participants } = harness.snapshot();
    assert.deepEqual(
      participants.flatMap(({ volumes }) => volumes),
      [],
    );
  }

  toString(): string {
    return `down in call +${this.inCall} of reload(${words(this.change)})`;
  }
}

function offered({ history }: Model, { edits, force = false }: Change): Offer {
  const cluster = edited(history, edits);
  const confMap = cluster ? confMapOf(cluster) : invalidConfMap(edits.length);
  return { cluster, confMap, force };
}

function transitionsBegun({ harness: { events } }: World): number {
  return events.filter(({ type }) => type === 'transitionStarted').length;
}

/** A snapshot without what only time changes. */
function timeless(snapshot: TransitionsSnapshot): object {
  const retries = snapshot.retries.map(({ inMs: _inMs, ...rest }) => rest);
  return { ...snapshot, retries };
}

function isServed(volume: string, { harness }: World): boolean {
  const { participants } = harness.snapshot();
  return participants.some(({ served }) => served.includes(volume));
}

/** The volumes of a reset: none of a participant. */
function concernedBy(target: ResetTarget, { volumes }: Cluster): string[] {
  if (typeof target === 'string') return [target];
  if (!('group' in target)) return [];
  return Object.keys(volumes).filter((name) => volumes[name] === target.group);
}

function words({ edits, force }: Change): string {
  const said = edits.map(({ kind, a, b }) => `${kind} ${a} ${b}`).join(', ');
  return force ? `forced: ${said}` : said;
}
