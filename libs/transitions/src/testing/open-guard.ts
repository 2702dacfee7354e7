import type { ReentrancyGuard } from '../core/coordinator.js';

/** A guard that guards nothing, for tests that are about something else. */
export const openGuard: ReentrancyGuard = {
  run: (transition) => transition(),
  isInside: () => false,
  outside: (work) => work(),
};
