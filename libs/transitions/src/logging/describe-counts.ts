import type { DeltaCounts } from '../core/report/report.js';

const wordings: readonly (readonly [keyof DeltaCounts, string, string])[] = [
  ['groupsCreated', 'group', 'created'],
  ['groupsMoved', 'group', 'moved'],
  ['groupsChanged', 'group', 'changed'],
  ['groupsDestroyed', 'group', 'destroyed'],
  ['volumesCreated', 'volume', 'created'],
  ['volumesMoved', 'volume', 'moved'],
  ['volumesChanged', 'volume', 'changed'],
  ['volumesDestroyed', 'volume', 'destroyed'],
  ['volumesUnserved', 'volume', 'to unserve'],
  ['volumesServed', 'volume', 'to serve'],
];

/** What a plan concerns, such as `1 volume created, 2 volumes to serve`. */
export function describeCounts(counts: DeltaCounts): string {
  const parts = wordings
    .filter(([key]) => counts[key] > 0)
    .map(
      ([key, noun, verb]) =>
        `${counts[key]} ${noun}${counts[key] === 1 ? '' : 's'} ${verb}`,
    );
  return parts.length === 0 ? 'nothing differs' : parts.join(', ');
}
