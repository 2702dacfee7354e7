/**
 * What benchmarks measure below the public surface, as it was built. Only this
 * file knows where it is.
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
// These are the module's own, and no entry exports them. They import nothing
// from the package, so no class is loaded twice.
/* oxlint-disable no-restricted-imports -- a benchmark of the core takes what the module gives the core */
export { AsyncReentrancyGuard } from '../../libs/transitions/dist/ports/reentrancy-guard.js';
export { systemClock } from '../../libs/transitions/dist/ports/system-clock.js';
