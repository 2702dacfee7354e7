import { reloading } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

await runBesideYardstick(reloading, [
  ['reload', 'reload 3 %', 'reload, 3 % of the groups changed', 0.15],
  ['reload.unchanged', 'reload unchanged', 'reload, nothing changed'],
]);
