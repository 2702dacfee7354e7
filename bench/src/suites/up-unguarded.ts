import { goingUpUnguarded } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

// In a process of its own, in which no guard has ever been used.
await runBesideYardstick(goingUpUnguarded, [
  ['up.unguarded', 'up, async, unguarded', 'up, async, no reentrancy guard'],
]);
