import { differencesOf, type Difference } from '../differences.js';
import type { EndedTransition } from '../ended-transition.js';
import type { Violation } from '../violation.js';
import { nothingHeld } from './outcome.js';

/** A boot comes up, perhaps without what is set aside, or it leaves nothing. */
export function* upOrNothing(ended: EndedTransition): Generator<Violation> {
  const { outcome, kind, configuration } = ended.report;
  if (kind !== 'up') return;
  const isUp = outcome === 'applied' || outcome === 'partial';
  if (isUp !== (configuration === 'new')) {
    const message = `a boot is ${outcome}, with the ${configuration} configuration in force`;
    yield { invariant: 'I41', message };
  }
  // What a Down pre-empts, the Down takes down.
  if (isUp || outcome === 'failed') return;
  yield* leftovers(ended);
  yield* failedWithoutNeed(ended);
}

function* leftovers(ended: EndedTransition): Generator<Violation> {
  const { after, report } = ended;
  for (const model of after) {
    const left = model.copy();
    if (model.wentDown) left.up = false;
    for (const difference of differencesOf(left, nothingHeld)) {
      const wasTried =
        report.outcome !== 'rolledBack' && isTried(difference, ended);
      if (wasTried) continue;
      const message = `a boot is ${report.outcome}, but ${difference.text}`;
      yield { invariant: 'I41', message };
    }
  }
}

/** Whether it was tried to take something down, or could not be. */
function isTried(
  { participant, about, name }: Difference,
  { steps, calls, report, unknown, after }: EndedTransition,
): boolean {
  const target = about === 'participant' ? undefined : name;
  const isMeant = (step: {
    readonly participant: string;
    readonly target?: string | undefined;
  }): boolean => step.participant === participant && step.target === target;
  if (report.abandoned.some(isMeant)) return true;
  if (unknown.some((call) => isMeant(call) || call.target === name))
    return true;
  const failed = steps.some(
    (step, index) =>
      calls[index]?.kind === 'rollback' &&
      step.outcome !== 'done' &&
      isMeant(step),
  );
  if (failed || about !== 'group') return failed;
  // It stays for a volume that stays.
  const { volumes } = after.find((model) => model.name === participant)!;
  return [...volumes.values()].some(({ group }) => group === name);
}

/** Where volumes and groups are set aside, only a participant itself keeps a boot from coming up. */
function* failedWithoutNeed({
  report,
  settings,
  steps,
  calls,
}: EndedTransition): Generator<Violation> {
  if (settings.onFailure !== 'isolate' || report.outcome === 'rejected') return;
  const failed = steps.find(
    ({ outcome, target, callback }, index) =>
      calls[index]?.kind === 'up' &&
      target === undefined &&
      outcome !== 'done' &&
      callback !== 'validate',
  );
  if (failed !== undefined) return;
  const message = `a boot that sets aside is ${report.outcome}, though no participant itself failed`;
  yield { invariant: 'I41', message };
}
