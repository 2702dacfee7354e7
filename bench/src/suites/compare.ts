import { comparing } from '../cases/comparing.js';
import { runBesideYardstick } from '../transitions-suite.js';

await runBesideYardstick(comparing, [
  ['compare', 'compare the same', 'topology, delta, plan: no changes', 0.08],
  ['compare.anew', 'compare, parsed anew', 'the same, all sections new'],
]);
