import type { TransitionReport } from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';

/**
 * How many calls of a transition, the first ones, asked for a configuration that
 * was refused before a boot fell back to another one: nothing else follows from
 * them. None unless somebody objected.
 */
export function callsBeforeStandIn(
  { kind }: Pick<TransitionReport, 'kind'>,
  calls: readonly Call[],
): number {
  const told = calls.at(-1)?.confMap;
  const count = calls.findIndex(({ confMap }) => confMap === told);
  const before = calls.slice(0, count);
  const isRefusal =
    kind === 'up' &&
    before.every(({ callback }) => callback === 'validate') &&
    before.some(({ outcome }) => outcome !== 'done');
  return isRefusal ? count : 0;
}
