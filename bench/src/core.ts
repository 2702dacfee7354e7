/**
 * What benchmarks measure below the public surface, as it was built. Nothing
 * but this file knows where it is.
 */
/* oxlint-disable no-restricted-imports -- a benchmark of the core takes the core's own pieces */
export {
  checkConfiguration,
  type Configuration,
} from '../../libs/transitions/dist/core/candidate.js';
export {
  Coordinator,
  type ReentrancyGuard,
} from '../../libs/transitions/dist/core/coordinator.js';
export type { Participant } from '../../libs/transitions/dist/core/participant.js';
export { initialState } from '../../libs/transitions/dist/core/participant.js';
export { planTransition } from '../../libs/transitions/dist/core/plan.js';
export { defaultSettings } from '../../libs/transitions/dist/core/settings.js';
export { AsyncReentrancyGuard } from '../../libs/transitions/dist/reentrancy-guard.js';
export { systemClock } from '../../libs/transitions/dist/system-clock.js';
