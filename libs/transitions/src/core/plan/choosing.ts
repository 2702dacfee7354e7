import type { Target } from '../model/step.js';
import type { SlicedWork } from '../time/slices.js';
import type { PlanBlock } from './plan.js';

/** What of a plan has certain targets, as work that can be sliced. */
export function* choosing(
  blocks: readonly PlanBlock[],
  isMeant: (target: Target) => boolean,
): SlicedWork<PlanBlock[]> {
  const chosen: PlanBlock[] = [];
  for (const block of blocks) {
    const targets: Target[] = [];
    for (let at = 0; at < block.targets.length; at++) {
      if (at % 256 === 0) yield;
      if (isMeant(block.targets[at]!)) targets.push(block.targets[at]!);
    }
    if (targets.length > 0) chosen.push({ ...block, targets });
  }
  return chosen;
}
