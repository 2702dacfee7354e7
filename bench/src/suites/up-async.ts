import { goingUpAsync } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

await runBesideYardstick(goingUpAsync, [
  ['up.async', 'up, async', 'up, async callbacks', 0.5],
]);
