import assert from 'node:assert/strict';
import type { Fault } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import * as fc from 'fast-check';
import {
  confMapOf,
  desired,
  edited,
  invalidConfMap,
  type Cluster,
  type Edit,
} from './history.js';
import type { World } from './world.js';

/** What is known of a history without looking at the coordinator. */
export interface Model {
  /** The configurations that were offered and valid. */
  history: Cluster[];
  /** The one in force. */
  inForce: Cluster;
  over: boolean;
}

type Command = fc.AsyncCommand<Model, World>;

abstract class WhileUp implements Command {
  check({ over }: Model): boolean {
    return !over;
  }

  abstract run(model: Model, world: World): Promise<void>;
  abstract toString(): string;
}

/** A reload with an edited configuration. */
export class Reload extends WhileUp {
  constructor(private readonly edits: readonly Edit[]) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const cluster = edited(model.history, this.edits);
    const { injected } = world.faults;
    const wasUnknown = unknown(world);
    const report = await world.harness.signaled(
      cluster ? confMapOf(cluster) : invalidConfMap(this.edits.length),
    );
    const disturbed =
      world.faults.injected > injected || wasUnknown || unknown(world);
    judge(report, cluster, disturbed, model, world);
  }

  toString(): string {
    return `reload(${words(this.edits)})`;
  }
}

/** Several reloads at once: the first one runs, and one more for all the others. */
export class ReloadsAtOnce extends WhileUp {
  constructor(private readonly offers: readonly (readonly Edit[])[]) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    const clusters = this.offers.map((edits) => edited(model.history, edits));
    const { injected } = world.faults;
    const wasUnknown = unknown(world);
    const { coordinator, clock } = world.harness;
    const asked = clusters.map((cluster, index) => {
      const confMap = cluster ? confMapOf(cluster) : invalidConfMap(index);
      return coordinator.signaled({ load: () => confMap, reason: 'at once' });
    });
    const reports = await clock.settle(Promise.all(asked));
    await world.harness.checkAfter(0);
    const disturbed =
      world.faults.injected > injected || wasUnknown || unknown(world);
    const [first, ...others] = reports;
    assert.equal(
      new Set(others.map(({ id }) => id)).size,
      Math.min(1, others.length),
    );
    judge(first!, clusters[0], disturbed, model, world, others.length > 0);
    const last = others.at(-1);
    if (last) judge(last, clusters.at(-1), disturbed, model, world);
  }

  toString(): string {
    return `at once(${this.offers.map(words).join(' | ')})`;
  }
}

/** The k-th call from now on fails. */
export class FaultAt extends WhileUp {
  constructor(
    private readonly k: number,
    private readonly fault: Fault,
  ) {
    super();
  }

  async run(_model: Model, world: World): Promise<void> {
    world.faults.atCall(this.k, this.fault);
  }

  toString(): string {
    return `${this.fault} at call +${this.k}`;
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

/** A reset of a volume. */
export class Reset extends WhileUp {
  constructor(private readonly volume: string) {
    super();
  }

  async run({ inForce }: Model, world: World): Promise<void> {
    const { injected } = world.faults;
    await world.harness.reset(this.volume);
    if (world.faults.injected > injected || unknown(world)) return;
    const wanted = desired(inForce).includes(this.volume);
    for (const { served } of world.harness.snapshot().participants) {
      assert.equal(served.includes(this.volume), wanted);
    }
  }

  toString(): string {
    return `reset ${this.volume}`;
  }
}

/** The end, perhaps inside a call of a last reload. */
export class Down extends WhileUp {
  constructor(
    private readonly edits: readonly Edit[],
    private readonly inCall: number,
  ) {
    super();
  }

  async run(model: Model, world: World): Promise<void> {
    model.over = true;
    const { harness, faults } = world;
    const { injected } = faults;
    const wasUnknown = unknown(world);
    let down: Promise<TransitionReport> | undefined;
    faults.duringCall(this.inCall, () => {
      down = harness.coordinator.down('test');
    });
    const cluster = edited(model.history, this.edits) ?? model.inForce;
    const reload = harness.coordinator.signaled({
      load: () => confMapOf(cluster),
      reason: 'the last',
    });
    const queued = harness.coordinator.signaled({
      load: () => confMapOf(model.inForce),
      reason: 'queued',
    });
    await harness.clock.settle(Promise.all([reload, queued]));
    const report = await harness.settle(
      down ?? harness.coordinator.down('test'),
    );
    if (faults.injected > injected || wasUnknown || unknown(world)) return;
    assert.equal(report.outcome, 'applied');
    const { participants } = harness.snapshot();
    assert.deepEqual(
      participants.flatMap(({ volumes }) => volumes),
      [],
    );
  }

  toString(): string {
    return `down in call +${this.inCall} of reload(${words(this.edits)})`;
  }
}

/** What a reload must have come to; the monitor has judged the rest. */
function judge(
  report: TransitionReport,
  cluster: Cluster | undefined,
  disturbed: boolean,
  model: Model,
  world: World,
  superseded = false,
): void {
  if (cluster === undefined) {
    assert.equal(report.outcome, 'rejected');
    return;
  }
  model.history.push(cluster);
  if (report.configuration === 'new') model.inForce = cluster;
  if (disturbed) return;
  assert.match(report.outcome, /^(applied|unchanged)$/);
  if (superseded) return;
  const { participants, degraded, failed } = world.harness.snapshot();
  assert.deepEqual({ degraded, failed }, { degraded: false, failed: [] });
  for (const { served, volumes } of participants) {
    assert.deepEqual([...served].sort(), desired(cluster));
    assert.deepEqual([...volumes].sort(), Object.keys(cluster.volumes).sort());
  }
}

/** Whether a callback is overdue, or a late one has settled otherwise than it was taken. */
function unknown(world: World): boolean {
  return world.harness.snapshot().unknown.length > 0;
}

function words(edits: readonly Edit[]): string {
  return edits.map(({ kind, a, b }) => `${kind} ${a} ${b}`).join(', ');
}
