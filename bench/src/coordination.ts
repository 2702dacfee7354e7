import type { ConfMap, TransitionReport } from 'nestjs-transitions';
import {
  AsyncReentrancyGuard,
  Coordinator,
  defaultSettings,
  systemClock,
  type Clock,
  type Participant,
  type ReentrancyGuard,
} from './core.js';

/** What is other than as the module has it. */
export interface Surroundings {
  readonly guard?: ReentrancyGuard;
  readonly clock?: Clock;
}

/** A coordinator as the module has it, with nobody listening to events. */
export function makeCoordinator(
  participants: readonly Participant[],
  {
    guard = new AsyncReentrancyGuard(),
    clock = systemClock,
  }: Surroundings = {},
): Coordinator {
  return new Coordinator(participants, {
    settings: { ...defaultSettings, shutdownTimeout: 600_000 },
    clock,
    sink: { emit: () => {}, wantsSteps: () => false },
    guard,
  });
}

/** A reload, or boot, with a configuration that is there already. */
export function requestOf(confMap: ConfMap) {
  return { load: () => confMap, reason: 'benchmark' };
}

/** Ends the benchmark unless all was done: what failed was not measured. */
export function expectDone(report: TransitionReport): void {
  if (report.outcome === 'applied' || report.outcome === 'unchanged') return;
  throw new Error(
    `The ${report.kind} was ${report.outcome}: ${report.errors[0]?.message}`,
  );
}
