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

/** What differs from how the module runs it. */
export interface Surroundings {
  readonly guard?: ReentrancyGuard;
  readonly clock?: Clock;
}

/** A coordinator as the module makes it. Nobody listens to its events. */
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

/** The request for a boot or reload with a given configuration. */
export function requestOf(confMap: ConfMap) {
  return { load: () => confMap, reason: 'benchmark' };
}

/**
 * Ends the benchmark unless everything was done: a failure is no measurement.
 */
export function expectDone(report: TransitionReport): void {
  if (report.outcome === 'applied' || report.outcome === 'unchanged') return;
  throw new Error(
    `The ${report.kind} was ${report.outcome}: ${report.errors[0]?.message}`,
  );
}
