import type { Call } from '../../call-log.js';
import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';
import { orderViolations } from './phase-order.js';
import { forward, undoing, type Phases } from './phases.js';
import { placeLosses, type PlacedCall } from './placed-losses.js';

/**
 * The order of the calls of a transition, run by run: forward it is a single one,
 * while undoing and going down begin anew with what is left each time that
 * something unknown has settled meanwhile. A Down tells first what is lost; what is
 * found to be lost later is told where it would be unserved.
 */
export function orderOf(ended: EndedTransition): readonly Violation[] {
  const calls = ended.calls.filter(
    ({ participant, callback }) =>
      // It opens for a volume as soon as all have served that one.
      participant !== ended.gate?.participant || callback !== 'serveVolume',
  );
  const violationsOf = (some: readonly PlacedCall[]): Violation[] => [
    ...orderOfPlaced(some, ended),
  ];
  return violationsOf(placeLosses(calls, ended.report, violationsOf));
}

function* orderOfPlaced(
  calls: readonly PlacedCall[],
  ended: EndedTransition,
): Generator<Violation> {
  const { report } = ended;
  const participants = ended.after.map(({ name }) => name);
  const check = (phases: Phases, run: readonly Call[]): Violation[] => [
    ...orderViolations({ phases, calls: run, participants }),
  ];
  const ahead = calls.filter(({ kind }) => kind === report.kind);
  const runs = report.kind === 'down' ? passesOf(ahead, ended) : [ahead];
  for (const run of runs) yield* check(forward[report.kind], run);
  if (report.kind !== 'lost') {
    const told = calls.filter(({ kind }) => kind === 'lost');
    yield* check(forward.lost, told);
  }
  for (const back of stretchesBack(calls)) {
    for (const pass of passesOf(back, ended)) {
      yield* report.kind === 'up' ? ofBoot(pass, check) : check(undoing, pass);
    }
  }
}

/** Calls that undo something, in stretches without others in between. */
function stretchesBack(calls: readonly PlacedCall[]): PlacedCall[][] {
  const stretches: PlacedCall[][] = [];
  let last: PlacedCall | undefined;
  for (const call of calls) {
    if (call.kind === 'rollback') {
      if (last?.kind === 'rollback') stretches.at(-1)!.push(call);
      else stretches.push([call]);
    }
    last = call;
  }
  return stretches;
}

/** Calls, cut where late settlements were taken over. */
function passesOf(
  calls: readonly PlacedCall[],
  { settledLateBefore }: EndedTransition,
): PlacedCall[][] {
  const passes: PlacedCall[][] = [];
  let settled = -1;
  for (const call of calls) {
    const before = settledLateBefore(call.made ?? call);
    if (before !== settled) passes.push([]);
    passes.at(-1)!.push(call);
    settled = before;
  }
  return passes;
}

/** A boot first puts back what it sets aside, and then perhaps takes down the rest. */
function ofBoot(
  calls: readonly Call[],
  check: (phases: Phases, run: readonly Call[]) => Violation[],
): Violation[] {
  const cuts = [0, calls.length, ...calls.keys()];
  let least: Violation[] | undefined;
  for (const cut of cuts) {
    const found = [
      ...check(undoing, calls.slice(0, cut)),
      ...check(forward.down, calls.slice(cut)),
    ];
    if (least === undefined || found.length < least.length) least = found;
    if (least.length === 0) break;
  }
  return least ?? [];
}
