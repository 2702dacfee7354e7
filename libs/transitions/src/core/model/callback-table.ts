import type { CallbackName } from './callbacks.js';

/** What a callback is about. */
export type TargetKind = 'participant' | 'group' | 'volume';

/**
 * The sets of groups and volumes that make up the difference between what is
 * held and what is wanted. A report counts each of them under its name here.
 */
export const changeSets = [
  'groupsCreated',
  'groupsMoved',
  'groupsChanged',
  'groupsDestroyed',
  'volumesCreated',
  'volumesMoved',
  'volumesChanged',
  'volumesDestroyed',
  'volumesServed',
  'volumesUnserved',
] as const;

/** One of them. */
export type ChangeSet = (typeof changeSets)[number];

/**
 * What a callback, once it has returned, changes in the state of its
 * participant.
 */
export type CallbackEffect =
  /** None. */
  | 'nothing'
  /** The participant is up, and a signaledFinish is owed to it. */
  | 'comesUp'
  | 'goesDown'
  /** A signaledFinish is owed to it. */
  | 'begins'
  | 'finishes'
  /** It holds the target as the configuration has it. */
  | 'holds'
  | 'forgets'
  | 'serves'
  | 'unserves'
  /** The volume is served, and announced to leave. */
  | 'announces'
  /** The volume was announced to leave, and stays. */
  | 'cancels';

/** All that the machinery knows of a callback. */
export interface CallbackMeaning {
  readonly about: TargetKind;
  /**
   * `forward`: participants in ascending order, targets in configuration order.
   * `reverse`: exactly the other way.
   */
  readonly direction: 'forward' | 'reverse';
  readonly effect: CallbackEffect;
  /**
   * For which targets it is called; absent if the state of the participant
   * decides.
   */
  readonly targets?: ChangeSet;
  /**
   * The group must be known to the participant: nothing is called after a
   * failed create.
   */
  readonly needsGroup?: true;
}

/**
 * What each callback means, said once. The order within a phase, the targets,
 * the state afterwards, what builds on the callback and the counts of a report
 * follow from this table. `plan/plan.ts` lists the phases of each kind of
 * transition, and `run/invoke.ts` has the arguments, which the compiler checks
 * against TransitionCallbacks.
 */
export const callbackTable = {
  validate: { about: 'participant', direction: 'forward', effect: 'nothing' },
  up: { about: 'participant', direction: 'forward', effect: 'comesUp' },
  down: { about: 'participant', direction: 'reverse', effect: 'goesDown' },
  volumeGroupCreated: {
    about: 'group',
    direction: 'forward',
    effect: 'holds',
    targets: 'groupsCreated',
  },
  volumeGroupMoved: {
    about: 'group',
    direction: 'forward',
    effect: 'holds',
    targets: 'groupsMoved',
  },
  volumeGroupChanged: {
    about: 'group',
    direction: 'forward',
    effect: 'holds',
    targets: 'groupsChanged',
  },
  volumeGroupDestroyed: {
    about: 'group',
    direction: 'reverse',
    effect: 'forgets',
    targets: 'groupsDestroyed',
  },
  volumeCreated: {
    about: 'volume',
    direction: 'forward',
    effect: 'holds',
    targets: 'volumesCreated',
    needsGroup: true,
  },
  volumeMoved: {
    about: 'volume',
    direction: 'forward',
    effect: 'holds',
    targets: 'volumesMoved',
    needsGroup: true,
  },
  volumeChanged: {
    about: 'volume',
    direction: 'forward',
    effect: 'holds',
    targets: 'volumesChanged',
  },
  volumeDestroyed: {
    about: 'volume',
    direction: 'reverse',
    effect: 'forgets',
    targets: 'volumesDestroyed',
  },
  serveVolume: {
    about: 'volume',
    direction: 'forward',
    effect: 'serves',
    targets: 'volumesServed',
    needsGroup: true,
  },
  volumeToBeUnserved: {
    about: 'volume',
    direction: 'reverse',
    effect: 'announces',
    targets: 'volumesUnserved',
  },
  volumeUnserveCancelled: {
    about: 'volume',
    direction: 'forward',
    effect: 'cancels',
  },
  unserveVolume: {
    about: 'volume',
    direction: 'reverse',
    effect: 'unserves',
    targets: 'volumesUnserved',
  },
  volumeLost: { about: 'volume', direction: 'reverse', effect: 'unserves' },
  signaledStart: {
    about: 'participant',
    direction: 'reverse',
    effect: 'begins',
  },
  signaledFinish: {
    about: 'participant',
    direction: 'forward',
    effect: 'finishes',
  },
} as const satisfies Readonly<Record<CallbackName, CallbackMeaning>>;

/** Every callback there is, in no particular order. */
export const callbackNames = Object.keys(
  callbackTable,
) as readonly CallbackName[];

/** What a callback means. */
export function meaningOf(callback: CallbackName): CallbackMeaning {
  return callbackTable[callback];
}

/**
 * Whether a callback only announces something. Nothing builds on it: what it
 * announces may happen, or not happen, just as well without it.
 */
export function isAnnouncement(callback: CallbackName): boolean {
  const { effect } = meaningOf(callback);
  return effect === 'announces' || effect === 'cancels';
}

/**
 * Whether a participant must not serve a target for which this callback failed
 * at another participant.
 */
export function isBuiltOnByServing(callback: CallbackName): boolean {
  const { effect } = meaningOf(callback);
  return effect === 'holds' || effect === 'serves';
}

/**
 * Whether a callback takes something away. A participant that lacks it never
 * keeps what it would take away.
 */
export function takesAway(callback: CallbackName): boolean {
  const { effect } = meaningOf(callback);
  return effect === 'unserves' || effect === 'forgets' || effect === 'cancels';
}
