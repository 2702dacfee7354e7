import { noHoldings, type Holdings } from '../model/topology.js';
import type { SlicedWork } from '../time/slices.js';
import type { TopologyDelta } from './delta-draft.js';
import { orderIn, ordering, remembered, type NameOrder } from './order.js';

/** An order of groups, and one of volumes. */
export interface SetOrder {
  readonly groups: NameOrder;
  readonly volumes: NameOrder;
}

/**
 * The order of some holdings, and of what only the next ones have after it. It is
 * kept for each name: of a plan, every participant has the same ones.
 */
export class HoldingsOrder implements SetOrder {
  readonly groups: NameOrder;
  readonly volumes: NameOrder;

  constructor(
    private readonly first: Holdings,
    ...next: readonly Holdings[]
  ) {
    const all = [first, ...next];
    this.groups = remembered(orderIn(...all.map(({ groups }) => groups)));
    this.volumes = remembered(orderIn(...all.map(({ volumes }) => volumes)));
  }

  /** Whether some holdings are in it as they are, as in most Downs. */
  isOf(holdings: Holdings): boolean {
    return holdings === this.first || holdings === noHoldings;
  }
}

/** The order of some holdings, for names that are asked for once. */
export function orderOf({ groups, volumes }: Holdings): SetOrder {
  return { groups: orderIn(groups), volumes: orderIn(volumes) };
}

/** The delta, with the sets of held records in one order and those of wanted ones in another. */
export function* orderingSets(
  { groups, volumes, toServe, toUnserve }: TopologyDelta,
  held: SetOrder,
  wanted: SetOrder,
): SlicedWork<TopologyDelta> {
  return {
    groups: {
      created: yield* ordering(groups.created, wanted.groups),
      moved: yield* ordering(groups.moved, wanted.groups),
      changed: yield* ordering(groups.changed, wanted.groups),
      destroyed: yield* ordering(groups.destroyed, held.groups),
    },
    volumes: {
      created: yield* ordering(volumes.created, wanted.volumes),
      moved: yield* ordering(volumes.moved, wanted.volumes),
      changed: yield* ordering(volumes.changed, wanted.volumes),
      destroyed: yield* ordering(volumes.destroyed, held.volumes),
    },
    toServe: yield* ordering(toServe, wanted.volumes),
    toUnserve: yield* ordering(toUnserve, held.volumes),
  };
}
