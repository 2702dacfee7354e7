import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';
import { setAsideOnly } from './aside.js';
import { countsWhatIsServed } from './blast-radius.js';
import { upOrNothing } from './boot.js';
import { openForWhatIsServed } from './gate.js';
import { generationsGrow } from './generations.js';
import { orderOf } from './order.js';
import { outcomeHolds } from './outcome.js';
import { finishesOwed } from './pairing.js';
import { resetAlone } from './reset.js';
import { rolledBack } from './rolled-back.js';
import { stepsReported } from './steps-reported.js';
import { failedIsLetGo, onlyAsideIsRetried } from './trouble.js';
import { askedAtRest, supersededRightly } from './superseded.js';
import {
  configurationsGiven,
  nothingTwice,
  releasedForGood,
} from './undoing.js';
import { refusedOnlyWhenTouched } from './unknown.js';

/** What must hold of a transition, now that it has ended. */
const laws: readonly ((ended: EndedTransition) => Iterable<Violation>)[] = [
  stepsReported,
  orderOf,
  outcomeHolds,
  rolledBack,
  upOrNothing,
  setAsideOnly,
  nothingTwice,
  releasedForGood,
  configurationsGiven,
  finishesOwed,
  resetAlone,
  refusedOnlyWhenTouched,
  countsWhatIsServed,
  openForWhatIsServed,
  failedIsLetGo,
  onlyAsideIsRetried,
  generationsGrow,
  supersededRightly,
  askedAtRest,
];

/** What did not hold of a transition that has ended. */
export function violationsOf(ended: EndedTransition): Violation[] {
  return laws.flatMap((law) => [...law(ended)]);
}
