import type { Fault } from '@nestjs-transitions/testing';
import type { TransitionReport } from 'nestjs-transitions/core';
import { World, type WorldOptions } from './world.js';

/** What is tried with a fault at each of its steps. */
export interface Sweep {
  readonly options: WorldOptions;
  readonly fault: Fault;
  /** What comes before it; nothing fails in that. */
  readonly prepare?: (world: World) => Promise<unknown>;
  readonly run: (world: World) => Promise<TransitionReport>;
  /** Judges what came of it; no more faults from then on. */
  readonly afterwards: (
    world: World,
    report: TransitionReport,
    step: number,
  ) => Promise<void>;
  /** A further fault, so many calls later. */
  readonly second?: { readonly distance: number; readonly fault: Fault };
  /** The first of the steps to try, and how many to advance. Default 1 and 1. */
  readonly from?: number;
  readonly stride?: number;
}

/** How many calls a run makes when nothing fails. */
export async function countSteps({
  options,
  prepare,
  run,
}: Pick<Sweep, 'options' | 'prepare' | 'run'>): Promise<number> {
  const world = new World(options);
  await prepare?.(world);
  const { calls } = world.faults;
  const { outcome } = await run(world);
  if (outcome !== 'applied') throw new Error(`${outcome} without any fault`);
  return world.faults.calls - calls;
}

/**
 * Runs something once for each of its steps, with the fault at that step.
 * Resolves to the number of runs.
 *
 * @throws Error that names the step, with what went wrong as its cause.
 */
export async function sweep(options: Sweep): Promise<number> {
  const steps = await countSteps(options);
  const { from = 1, stride = 1 } = options;
  let runs = 0;
  for (let step = from; step <= steps; step += stride) {
    await faultAt(step, options);
    runs++;
  }
  return runs;
}

/**
 * Runs something with a fault at a step. Resolves to how many calls it made.
 *
 * @throws Error that names the step, with what went wrong as its cause.
 */
export async function faultAt(step: number, tried: Sweep): Promise<number> {
  const world = new World(tried.options);
  await tried.prepare?.(world);
  const before = world.faults.calls;
  world.faults.atCall(step, tried.fault);
  const { second } = tried;
  if (second) world.faults.atCall(step + second.distance, second.fault);
  try {
    const report = await tried.run(world);
    const calls = world.faults.calls - before;
    world.faults.clear();
    await tried.afterwards(world, report, step);
    return calls;
  } catch (cause) {
    const then = second ? `, ${second.fault} ${second.distance} later` : '';
    throw new Error(`${tried.fault} at step ${step}${then}: ${String(cause)}`, {
      cause,
    });
  }
}
