import { callbackNames, meaningOf } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import {
  implementsCallback,
  type Participant,
  type ParticipantState,
} from '../model/participant.js';
import { isVolume, type Target } from '../model/step.js';
import type { Holdings, Volume } from '../model/topology.js';
import { isGroupIn, isVolumeIn } from '../plan/change-sets.js';
import { HoldingsEdit } from '../plan/difference.js';
import {
  findingHomes,
  hasVolumesIn,
  volumesIn,
  type Names,
} from '../plan/holdings.js';
import type { BlockedTargets } from '../run/blocked-targets.js';
import type { SlicedWork } from '../time/slices.js';

const targetsBetweenYields = 32;

/**
 * The states in which those of some targets are as wanted for which nothing is
 * left to call at anybody: whoever lacks the callbacks that made them so has what
 * the others have. With a group go its volumes, and with a volume its groups. A
 * target that still needs a call anywhere, or is blocked, is left to the next
 * transition, as is everything while a participant is not up. As work that can be
 * sliced.
 */
export function* makingWhole(
  states: readonly ParticipantState[],
  participants: readonly Participant[],
  wanted: Holdings,
  targets: readonly NonNullable<Target>[],
  blocked: BlockedTargets,
): SlicedWork<readonly ParticipantState[]> {
  if (targets.length === 0 || states.some(({ up }) => !up)) return states;
  const { groups, volumes } = yield* findingConcerned(targets, states, wanted);
  const making = new MakingWhole(states, participants, wanted, blocked);
  const kept = [...groups].filter((name) => wanted.groups.has(name));
  const gone = [...groups].filter((name) => !wanted.groups.has(name));
  let made = 0;
  for (const [names, about] of [
    [kept, 'group'],
    [volumes, 'volume'],
    [gone, 'group'],
  ] as const) {
    for (const name of names) {
      if (++made % targetsBetweenYields === 0) yield;
      making[about](name);
    }
  }
  return making.states();
}

function* findingConcerned(
  targets: readonly NonNullable<Target>[],
  states: readonly ParticipantState[],
  wanted: Holdings,
): SlicedWork<Names> {
  const places = [wanted, ...new Set(states.map(({ held }) => held))];
  const groups = new Set<string>();
  const volumes = new Set<string>();
  let looked = 0;
  for (const target of targets) {
    if (++looked % targetsBetweenYields === 0) yield;
    if (isVolume(target)) volumes.add(target.name);
    else {
      groups.add(target.name);
      for (const place of places) {
        for (const { name } of volumesIn(place, target.name)) volumes.add(name);
      }
    }
  }
  return {
    groups: (yield* findingHomes({ groups, volumes }, places)).groups,
    volumes,
  };
}

class MakingWhole {
  private readonly edits: readonly HoldingsEdit[];
  private readonly leaving: readonly Set<string>[];

  constructor(
    private readonly before: readonly ParticipantState[],
    private readonly participants: readonly Participant[],
    private readonly wanted: Holdings,
    private readonly blocked: BlockedTargets,
  ) {
    this.edits = before.map(({ held }) => new HoldingsEdit(held));
    this.leaving = before.map(({ leaving }) => new Set(leaving));
  }

  group(name: string): void {
    const to = this.wanted.groups.get(name);
    const isWhole = this.edits.every((edit, index) => {
      const from = edit.group(name);
      if (this.isBlocked(index, from ?? to)) return false;
      if (to === undefined && hasVolumesIn(edit, name)) return false;
      return !this.missing(index, 'group').some((set) =>
        isGroupIn(set, from, to),
      );
    });
    if (!isWhole) return;
    for (const edit of this.edits) edit.setGroup(name, to);
  }

  volume(name: string): void {
    const to = this.wanted.volumes.get(name);
    const isWhole = this.edits.every((edit, index) => {
      const from = edit.volume(name);
      if (this.isBlocked(index, from) || this.isBlocked(index, to)) {
        return false;
      }
      if (to !== undefined && edit.group(to.groupName) === undefined) {
        return false;
      }
      return (
        !this.awaitsCancelling(index, name, from, to) &&
        !this.missing(index, 'volume').some((set) => isVolumeIn(set, from, to))
      );
    });
    if (!isWhole) return;
    for (const edit of this.edits) edit.setVolume(name, to);
    for (const leaving of this.leaving) leaving.delete(name);
  }

  states(): readonly ParticipantState[] {
    return this.before.map((state, index) => {
      const held = this.edits[index]!.build();
      const leaving = this.leaving[index]!;
      const isSame = held === state.held && leaving.size === state.leaving.size;
      return isSame ? state : { ...state, held, leaving };
    });
  }

  /** The sets whose targets a participant is to be called for. */
  private missing(
    index: number,
    about: 'group' | 'volume',
  ): readonly Parameters<typeof isVolumeIn>[0][] {
    return callbackNames.flatMap((callback) => {
      const meaning = meaningOf(callback);
      if (meaning.about !== about || meaning.targets === undefined) return [];
      return this.has(index, callback) ? [meaning.targets] : [];
    });
  }

  /** It was announced to leave, stays, and the participant is to be told so. */
  private awaitsCancelling(
    index: number,
    name: string,
    from: Volume | undefined,
    to: Volume | undefined,
  ): boolean {
    return (
      this.leaving[index]!.has(name) &&
      !isVolumeIn('volumesUnserved', from, to) &&
      this.has(index, 'volumeUnserveCancelled')
    );
  }

  private isBlocked(index: number, target: Target | undefined): boolean {
    if (target == null) return false;
    // The callbacks that most others must be over with.
    return this.blocked.has(
      index,
      isVolume(target) ? 'volumeCreated' : 'volumeGroupDestroyed',
      target,
    );
  }

  private has(index: number, callback: CallbackName): boolean {
    return implementsCallback(this.participants[index]!, callback);
  }
}
