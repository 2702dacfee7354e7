import { goingDown } from '../cases/transitions.js';
import { runBesideYardstick } from '../transitions-suite.js';

await runBesideYardstick(
  (texts) => [goingDown(texts)],
  [['down', 'down', 'down', 0.15]],
);
