import {
  attainable,
  inOrderOf,
  mapHoldings,
  withoutServing,
} from '../plan/holdings.js';
import type { Journal } from '../run/journal.js';
import type { ParticipantState } from '../model/participant.js';
import { planTransition } from '../plan/plan.js';
import type { RunContext } from '../run/step-context.js';
import type { Holdings } from '../model/topology.js';

import type { ChangeOptions } from './change-options.js';
import type { SetAside } from './set-aside.js';
import type { Transition } from './transition.js';

// What one callback may use of the time that is left, so that one that hangs
// does not keep the others from being undone.
const shareOfTimeLeft = 0.5;

/**
 * Undoes a change, all of it or what concerns the volumes set aside, from the
 * real state and with the configuration that was in force before. It has a time
 * budget of its own, and a failed step stops only what builds on it.
 */
export class Undo {
  /** What the participants held when the change began. */
  private readonly startStates: readonly ParticipantState[];

  constructor(
    private readonly transition: Transition,
    private readonly options: ChangeOptions,
  ) {
    this.startStates = transition.engine.state.states;
  }

  /** What the callbacks are told. */
  get context(): RunContext {
    const { to, from } = this.options;
    return {
      kind: 'rollback',
      id: this.transition.id,
      generation: to.generation,
      confMap: from?.confMap ?? to.confMap,
      previous: to.confMap,
    };
  }

  /** Back to what was held at the start, but for volumes that are released. Resolves to whether that was reached. */
  everything(failed: Journal, deadline: number): Promise<boolean> {
    const released = this.releasedBy(failed);
    this.transition.draft.released.push(...released);
    const order = this.options.from?.topology;
    const wanted = mapHoldings(this.startStates, (held) => {
      const goal = released.size === 0 ? held : withoutServing(held, released);
      // What an earlier failure left may be held in another order.
      return order === undefined || held === order
        ? goal
        : inOrderOf(order, goal);
    });
    return this.run(wanted, deadline, 'rollback');
  }

  /** Puts back what is set aside; the rest stays as it has become. Resolves to whether that was reached. */
  setAside(
    aside: SetAside,
    failed: Journal,
    deadline: number,
  ): Promise<boolean> {
    const released = new Set(
      [...this.releasedBy(failed)].filter((name) => aside.volumes.has(name)),
    );
    this.transition.draft.released.push(...released);
    const wanted = this.transition.engine.state.states.map(({ held }, index) =>
      aside.restoredIn(held, this.startStates[index]!.held, released),
    );
    return this.run(wanted, deadline, 'compensation');
  }

  private async run(
    aims: readonly Holdings[],
    deadline: number,
    what: 'rollback' | 'compensation',
  ): Promise<boolean> {
    const { draft, runner, engine } = this.transition;
    const { state } = engine;
    const wanted = aims.map((aim, index) =>
      this.attainable(aim, state.states[index]!.held),
    );
    const blocks = planTransition(
      'rollback',
      state.states.map((from, index) => ({
        state: from,
        wanted: wanted[index]!,
      })),
    );
    const journal = await runner.run({
      // A compensation is followed by the signaledFinish of its transition.
      blocks: blocks.filter(
        ({ callback }) => what === 'rollback' || callback !== 'signaledFinish',
      ),
      context: this.context,
      onError: 'continue',
      wanted,
      deadline,
      shareOfTimeLeft,
    });
    draft.add(journal);
    draft.abandon(journal, `by the ${what}`);
    return (
      journal.complete &&
      state.unknown.length === 0 &&
      // An unknown callback may have settled meanwhile.
      state.states.every(({ held }, index) => held === wanted[index])
    );
  }

  private attainable(goal: Holdings, held: Holdings): Holdings {
    const before = this.options.from?.topology;
    return before === undefined ? goal : attainable(goal, held, before);
  }

  /**
   * Volumes that another peer is to serve and for which an unserveVolume was
   * issued: that peer may serve them by now, so nothing serves them here again.
   */
  private releasedBy(journal: Journal): ReadonlySet<string> {
    const { topology } = this.options.to;
    const released = new Set<string>();
    for (const { callback, target } of journal.calls()) {
      if (callback !== 'unserveVolume' || target === undefined) continue;
      const volume = topology.volumes.get(target);
      const group = volume && topology.groups.get(volume.groupName);
      const primary = group?.primaryPeer ?? '';
      if (primary !== '' && primary !== topology.whoAmI) released.add(target);
    }
    return released;
  }
}
