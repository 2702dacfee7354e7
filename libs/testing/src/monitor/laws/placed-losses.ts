import type { TransitionReport } from 'nestjs-transitions/core';
import type { Call } from '../../call-log.js';
import { isClean } from '../ended-transition.js';
import type { Violation } from '../violation.js';

type Kind = Call['kind'];

/** A call as it takes its place in the order. */
export interface PlacedCall extends Call {
  /** The same as it was made, where that was at another place. */
  readonly made?: Call;
}

/**
 * Puts what a transition tells as lost in the place of the unserveVolume that is not
 * called. The calls do not say whether that is part of the run before them, of
 * undoing, or of the run after them: so they are placed with as few violations as
 * can be. What a Down tells before it does anything else stays what it is, for whole
 * volumes.
 */
export function placeLosses(
  calls: readonly Call[],
  report: TransitionReport,
  violationsOf: (calls: readonly PlacedCall[]) => readonly Violation[],
): readonly PlacedCall[] {
  const stretches = stretchesOf(calls);
  let placed: readonly PlacedCall[] = [];
  for (const [index, stretch] of stretches.entries()) {
    if (report.kind === 'lost' || stretch[0]!.kind !== 'lost') {
      placed = [...placed, ...stretch];
      continue;
    }
    const next = stretches[index + 1] ?? [];
    const before = stretches[index - 1]?.[0]!.kind;
    const kinds = kindsAround(before, next[0]?.kind, report);
    let least = Infinity;
    const head = placed;
    for (const reading of readingsOf(stretch, kinds)) {
      const whole = [...head, ...reading];
      const { length } = violationsOf([...whole, ...next]);
      if (length < least) [least, placed] = [length, whole];
      if (least === 0) break;
    }
  }
  return placed;
}

/** Calls of a kind, until one of another kind comes. */
function stretchesOf(calls: readonly Call[]): Call[][] {
  const stretches: Call[][] = [];
  let last: Call | undefined;
  for (const call of calls) {
    if (call.kind !== last?.kind) stretches.push([]);
    stretches.at(-1)!.push(call);
    last = call;
  }
  return stretches;
}

/** The runs, in their order, that losses between two stretches may be part of. */
function kindsAround(
  before: Kind | undefined,
  after: Kind | undefined,
  report: TransitionReport,
): readonly [Kind, Kind, Kind] {
  const { kind } = report;
  if (kind === 'down') return [before ?? 'lost', 'down', 'down'];
  if (isClean(report)) return [kind, kind, kind];
  return [before ?? kind, 'rollback', after ?? 'rollback'];
}

/** All ways to cut a stretch into up to three runs of these kinds. */
function* readingsOf(
  stretch: readonly Call[],
  [first, second, third]: readonly [Kind, Kind, Kind],
): Generator<PlacedCall[]> {
  for (let from = stretch.length; from >= 0; from--) {
    if (first === 'lost' && isCutInside(stretch, from)) continue;
    for (let to = stretch.length; to >= from; to--) {
      yield stretch.map((call, index) =>
        inPlace(call, index < from ? first : index < to ? second : third),
      );
    }
  }
}

/** Whether a volume is on both sides. */
function isCutInside(stretch: readonly Call[], cut: number): boolean {
  const before = new Set(stretch.slice(0, cut).map(({ target }) => target));
  return stretch.slice(cut).some(({ target }) => before.has(target));
}

function inPlace(call: Call, kind: Kind): PlacedCall {
  if (kind === 'lost') return call;
  return { ...call, kind, callback: 'unserveVolume', made: call };
}
