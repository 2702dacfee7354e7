import { goingUpUnguarded } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

// In a process of its own: the guard's storage, once used, stays in every promise.
await runBesideYardstick(goingUpUnguarded, [
  ['up.unguarded', 'up, async, unguarded', 'up, async, no reentrancy guard'],
]);
