import { meaningOf } from './callback-table.js';
import type { CallbackName } from './callbacks.js';
import type { Participant } from './participant.js';
import type { Volume, VolumeGroup } from './topology.js';

/**
 * What a callback is about: a group, a volume, or the participant itself
 * (null).
 */
export type Target = VolumeGroup | Volume | null;

/** One call of one callback at one participant, as plain data. */
export interface Step {
  readonly callback: CallbackName;
  readonly participant: string;
  /**
   * The group or volume; absent if the callback is about the participant
   * itself.
   */
  readonly target?: string;
}

/** The step of calling a participant's callback for a target. */
export function stepOf(
  callback: CallbackName,
  participant: Participant,
  target: Target,
): Step {
  return {
    callback,
    participant: participant.name,
    ...(target === null ? {} : { target: target.name }),
  };
}

/** `serveVolume(photos)`, or `signaledStart` if there is no target. */
export function describeStep({ callback, target }: Step): string {
  return target === undefined ? callback : `${callback}(${target})`;
}

/** Whether a target is a volume, not a group. */
export function isVolume(target: NonNullable<Target>): target is Volume {
  return 'groupName' in target;
}

/** The call that frees what a step has left unknown. */
export function resetOf({ callback, participant, target }: Step): string {
  switch (meaningOf(callback).about) {
    case 'participant':
      return `reset({ participant: '${participant}' })`;
    case 'group':
      return `reset({ group: '${target}' })`;
    case 'volume':
      return `reset('${target}')`;
  }
}
