import assert from 'node:assert/strict';
import type { ConfMap } from '@nestjs-transitions/conf';
import {
  TooManyUnservedError,
  type TransitionReport,
} from 'nestjs-transitions/core';
import { confMapOf, desired, unserved, type Cluster } from './history.js';
import type { World } from './world.js';

/** What is known of a history without looking at the coordinator. */
export interface Model {
  /** The configurations that were offered and valid. */
  history: Cluster[];
  /** The one in force. */
  inForce: Cluster;
  over: boolean;
}

/** A configuration that a reload is asked for. */
export interface Offer {
  /** Undefined where it means nothing. */
  readonly cluster: Cluster | undefined;
  readonly confMap: ConfMap;
  readonly force: boolean;
}

/** What reloads must come to, from when it is made; the monitor judges the rest. */
export class Judgement {
  private readonly injected: number;
  private readonly wasUnknown: boolean;
  /** Something was wrong already, which what comes now may leave as it is. */
  readonly wasDegraded: boolean;
  /** What was held was as configured. */
  private isSettled: boolean;

  constructor(
    private readonly model: Model,
    private readonly world: World,
  ) {
    followRetries(model, world);
    const { degraded, failed } = world.harness.snapshot();
    this.isSettled = !degraded && failed.length === 0;
    this.wasDegraded = degraded;
    this.injected = world.faults.injected;
    this.wasUnknown = isUnknown(world);
  }

  /** Whether anything failed since, or a callback was overdue before or is now. */
  get isDisturbed(): boolean {
    const { injected } = this.world.faults;
    return injected > this.injected || this.wasUnknown || isUnknown(this.world);
  }

  /** Judges the report of the next reload; `superseded`: another one has run since. */
  of(report: TransitionReport, offer: Offer, superseded = false): void {
    const { model, isDisturbed } = this;
    const { cluster } = offer;
    if (cluster === undefined) {
      assert.equal(report.outcome, 'rejected');
      return;
    }
    const isRefused = this.isRefused(report, offer, cluster);
    model.history.push(cluster);
    if (report.configuration === 'new') model.inForce = cluster;
    this.isSettled &&= !isDisturbed;
    if (isRefused || isDisturbed) return;
    assert.match(report.outcome, /^(applied|unchanged)$/);
    this.isSettled = true;
    if (!superseded) this.holdsAll(cluster);
  }

  /** Takes note of a reload that was superseded: what is held is in between. */
  ofSuperseded({ cluster }: Offer): void {
    assert.ok(cluster, 'what means nothing has begun nothing');
    this.model.history.push(cluster);
    this.isSettled = false;
  }

  /** Whether the reload would unserve too much. */
  private isRefused(
    { errors, outcome }: TransitionReport,
    { force }: Offer,
    cluster: Cluster,
  ): boolean {
    const { maxUnserve = Infinity } = this.world.settings;
    const isRefused = errors.some(
      (error) => error instanceof TooManyUnservedError,
    );
    if (isRefused) assert.equal(outcome, 'rejected');
    if (this.isSettled && !this.isDisturbed) {
      const tooMany = unserved(this.model.inForce, cluster) > maxUnserve;
      assert.equal(isRefused, tooMany && !force);
    }
    return isRefused;
  }

  private holdsAll(cluster: Cluster): void {
    const { participants, degraded, failed } = this.world.harness.snapshot();
    assert.deepEqual({ degraded, failed }, { degraded: false, failed: [] });
    for (const { served, volumes } of participants) {
      assert.deepEqual([...served].sort(), desired(cluster));
      assert.deepEqual(
        [...volumes].sort(),
        Object.keys(cluster.volumes).sort(),
      );
    }
  }
}

/** A reload that was rolled back may have come into force by itself since. */
export function followRetries(model: Model, { harness }: World): void {
  const inForce = harness.coordinator.configuration?.confMap.dump();
  const now = model.history.findLast(
    (cluster) => confMapOf(cluster).dump() === inForce,
  );
  if (now !== undefined) model.inForce = now;
}

/** Whether a callback is overdue. */
function isUnknown({ harness }: World): boolean {
  return harness.snapshot().unknown.length > 0;
}
