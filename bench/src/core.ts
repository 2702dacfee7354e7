/**
 * What benchmarks measure below the public surface, as it was built. Nothing
 * but this file knows where it is.
 */
export {
  checkConfiguration,
  Coordinator,
  defaultSettings,
  initialState,
  openGuard,
  planTransition,
  type Clock,
  type Configuration,
  type Participant,
  type ReentrancyGuard,
  type TransitionSettings,
} from 'nestjs-transitions/core';
// The module's own, of which no entry knows. They import nothing of the
// package, so that no class is there twice.
/* oxlint-disable no-restricted-imports -- a benchmark of the core takes what the module gives the core */
export { AsyncReentrancyGuard } from '../../libs/transitions/dist/ports/reentrancy-guard.js';
export { systemClock } from '../../libs/transitions/dist/ports/system-clock.js';
