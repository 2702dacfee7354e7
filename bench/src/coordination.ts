import type { ConfMap, TransitionReport } from 'nestjs-transitions';
import {
  AsyncReentrancyGuard,
  Coordinator,
  defaultSettings,
  systemClock,
  type Participant,
  type ReentrancyGuard,
} from './core.js';

/** A guard that guards nothing, to see what the real one costs. */
export const noGuard: ReentrancyGuard = {
  run: (transition) => transition(),
  isInside: () => false,
};

/** A coordinator as the module has it, with nobody listening to events. */
export function makeCoordinator(
  participants: readonly Participant[],
  guard: ReentrancyGuard = new AsyncReentrancyGuard(),
): Coordinator {
  return new Coordinator(participants, {
    settings: { ...defaultSettings, shutdownTimeout: 600_000 },
    clock: systemClock,
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
