import { goingUp } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

await runBesideYardstick(goingUp, [
  ['up', 'up', 'up, 1.08 million callbacks', 0.15],
]);
