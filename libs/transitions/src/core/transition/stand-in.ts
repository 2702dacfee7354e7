import { staleBecause, type StandIn } from '../configuration/stale.js';
import { InternalError } from '../model/errors.js';
import { admit, type Admitted } from './admission.js';
import type { ReloadRequest } from './job-queue.js';
import type { Transition } from './transition.js';

/**
 * For a boot whose configuration was refused: takes what the request falls back
 * to through the same checks. What was wrong is then no error of the boot, but
 * said with the configuration, for as long as that is in force. Resolves to
 * undefined where there is nothing to fall back to, or that is refused too; then
 * all errors are in the report.
 */
export async function admitStandIn(
  transition: Transition,
  request: ReloadRequest,
): Promise<Admitted | undefined> {
  const { draft, signal } = transition;
  const { fallBack, source } = request;
  if (fallBack === undefined || signal.aborted) return undefined;
  const errors = draft.errors.splice(0);
  let standIn: StandIn | undefined;
  const admitted = await admit(transition, 'up', {
    ...request,
    load: async (aborted) => {
      standIn = await fallBack(aborted);
      return standIn.confMap;
    },
  });
  if (admitted === undefined) {
    draft.errors.unshift(...errors);
    return undefined;
  }
  if (standIn === undefined) throw new InternalError('nothing was loaded');
  const stale = staleBecause(errors, standIn.origin, source);
  return { ...admitted, to: { ...admitted.to, stale } };
}
