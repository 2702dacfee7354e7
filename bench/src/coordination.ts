import type {
  ConfMap,
  TransitionOutcome,
  TransitionReport,
} from 'nestjs-transitions';
import {
  AsyncReentrancyGuard,
  Coordinator,
  defaultSettings,
  systemClock,
  type Clock,
  type Participant,
  type ReentrancyGuard,
  type TransitionSettings,
} from './core.js';

/** What differs from how the module runs it. */
export interface Surroundings {
  readonly guard?: ReentrancyGuard;
  readonly clock?: Clock;
  readonly onFailure?: TransitionSettings['onFailure'];
}

/** A coordinator as the module makes it. Nobody listens to its events. */
export function makeCoordinator(
  participants: readonly Participant[],
  {
    guard = new AsyncReentrancyGuard(),
    clock = systemClock,
    onFailure = 'rollback',
  }: Surroundings = {},
): Coordinator {
  return new Coordinator(participants, {
    settings: {
      ...defaultSettings,
      rollbackTimeout: 600_000,
      shutdownTimeout: 600_000,
      onFailure,
    },
    clock,
    sink: { emit: () => {}, wantsSteps: () => false },
    random: () => 0.5,
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
  if (report.outcome !== 'unchanged') expectOutcome(report, 'applied');
}

/** Ends the benchmark unless it came out as it was meant to. */
export function expectOutcome(
  { kind, outcome, errors }: TransitionReport,
  expected: TransitionOutcome,
): void {
  if (outcome === expected) return;
  throw new Error(
    `The ${kind} was ${outcome}, expected ${expected}: ${errors[0]?.message}`,
  );
}
