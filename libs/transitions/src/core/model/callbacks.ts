import type { ConfMap } from '@nestjs-transitions/conf';
import type { Predecessor } from './predecessor.js';

/**
 * Why a callback runs. Every rollback is `rollback`, that of a failed boot too.
 */
export type TransitionKind = 'up' | 'signaled' | 'rollback' | 'down' | 'lost';

/**
 * What a callback learns besides its target. It is valid until the callback
 * returns or its promise settles; do not keep it longer.
 */
export interface TransitionContext {
  readonly kind: TransitionKind;
  /**
   * The number of the transition in this process. A rollback has the number of
   * the transition that it undoes.
   */
  readonly id: number;
  /**
   * The generation that the transition's configuration has, or would have had.
   * It only grows.
   */
  readonly generation: number;
  /**
   * Aborts when the callback's time is up and when a Down pre-empts the
   * transition. A reload that is superseded waits for its callbacks.
   */
  readonly signal: AbortSignal;
  /**
   * Milliseconds until the callback's time is up; `Infinity` if nothing limits
   * it. A Down that pre-empts the transition shortens it.
   */
  readonly timeLeft: number;
  /**
   * The configuration in force before this one; undefined at boot. Never one that
   * was superseded.
   */
  readonly previous?: ConfMap | undefined;
  /**
   * Where leases are on, in a callback about a volume that this process holds: the
   * token of its claim. It grows with every claim of the volume in the cluster. Give
   * it to whatever keeps the data, and let that refuse an older one, or none.
   */
  readonly fencingToken?: bigint | undefined;
  /**
   * Who served the volume before, and whether it let go of it in order, where leases
   * are on and that is known.
   */
  readonly predecessor?: Predecessor | undefined;
  /**
   * Right before something happens that only the one peer may do that serves the
   * volume. It looks at the clock, so it tells a process too that was stopped and
   * goes on. Without leases it does nothing.
   *
   * @throws LeaseLostError where leases are on and this process does not hold the
   * volume, or not any more
   */
  assertHeld(): void;
}

type Result = void | Promise<void>;
/** A note for the peer that serves the volume next, or nothing. */
type Note = void | string;

/**
 * The callbacks of a participant. All are optional.
 *
 * Up: `up`, `volumeGroupCreated`, `volumeCreated`, `serveVolume`,
 * `signaledFinish`. Reload: `volumeToBeUnserved`, `signaledStart`,
 * `volumeGroupCreated`, `volumeCreated`, `unserveVolume`, `volumeGroupMoved`,
 * `volumeMoved`, `volumeGroupChanged`, `volumeChanged`, `serveVolume`,
 * `volumeDestroyed`, `volumeGroupDestroyed`, `signaledFinish`. Down:
 * `volumeToBeUnserved`, `signaledStart`, `unserveVolume`, `volumeDestroyed`,
 * `volumeGroupDestroyed`, `down`.
 *
 * Creating, moving, serving, `up` and `signaledFinish` go through the
 * participants in ascending order and through the targets in configuration
 * order; their inverses and `signaledStart` go exactly the other way. A
 * participant finishes a phase for all its targets before the next one starts.
 *
 * A callback that throws or rejects counts as not done: it must leave things as
 * it found them. One that outlives its timeout is *unknown*: nothing more is
 * called for its target until its promise settles.
 */
export interface TransitionCallbacks {
  /**
   * Throw to veto a configuration before anything has changed. Changes nothing
   * itself.
   */
  validate?(confMap: ConfMap, context: TransitionContext): Result;

  /** The participant comes up; no volume is known yet. */
  up?(confMap: ConfMap, context: TransitionContext): Result;
  /**
   * The participant goes down; no volume is left, except for what failed
   * before.
   */
  down?(confMap: ConfMap, context: TransitionContext): Result;

  /**
   * A group is known from now on; `activePeer` and `virtualIPAddr` may be
   * empty.
   */
  volumeGroupCreated?(
    confMap: ConfMap,
    volumeGroupName: string,
    activePeer: string,
    virtualIPAddr: string,
    context: TransitionContext,
  ): Result;
  /** A group's primary peer differs from before. */
  volumeGroupMoved?(
    confMap: ConfMap,
    volumeGroupName: string,
    activePeer: string,
    virtualIPAddr: string,
    context: TransitionContext,
  ): Result;
  /**
   * Same primary peer, but another address or another option than `VolumeList`.
   */
  volumeGroupChanged?(
    confMap: ConfMap,
    volumeGroupName: string,
    activePeer: string,
    virtualIPAddr: string,
    context: TransitionContext,
  ): Result;
  /** This node forgets the group. Never: delete its data. */
  volumeGroupDestroyed?(
    confMap: ConfMap,
    volumeGroupName: string,
    context: TransitionContext,
  ): Result;

  /**
   * A volume is known from now on, on every peer; its group was created before.
   */
  volumeCreated?(
    confMap: ConfMap,
    volumeName: string,
    volumeGroupName: string,
    context: TransitionContext,
  ): Result;
  /** A volume is in another group than before. */
  volumeMoved?(
    confMap: ConfMap,
    volumeName: string,
    volumeGroupName: string,
    context: TransitionContext,
  ): Result;
  /** Same group, but an option of the volume's own section differs. */
  volumeChanged?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;
  /** This node forgets the volume. Never: delete its data. */
  volumeDestroyed?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;

  /**
   * This node serves the volume from now on. One that throws the LeaseLostError of
   * `context.assertHeld()` has not failed: the volume is served when it is ours again.
   */
  serveVolume?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;
  /** An `unserveVolume` of this volume follows in the same transition. */
  volumeToBeUnserved?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;
  /** After `volumeToBeUnserved`: a rollback keeps the volume here after all. */
  volumeUnserveCancelled?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;
  /**
   * This node stops serving the volume; when it settles, nothing may write any
   * more. Where leases are on, it may leave a note of up to 4 KiB for whoever
   * serves the volume next (`context.predecessor`): of several participants, that
   * of the last one counts.
   */
  unserveVolume?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Note | Promise<Note>;
  /**
   * Ownership is already gone: stop at once, write nothing. It comes in a
   * transition of its own (`lost`), and in the place of `unserveVolume` wherever
   * that is due and the lease is lost by then, as in a Down. Default:
   * `unserveVolume`.
   */
  volumeLost?(
    confMap: ConfMap,
    volumeName: string,
    context: TransitionContext,
  ): Result;

  /** A reload begins. Also sent when nothing changed. */
  signaledStart?(confMap: ConfMap, context: TransitionContext): Result;
  /** A boot or reload is over; once for each `signaledStart` seen. */
  signaledFinish?(confMap: ConfMap, context: TransitionContext): Result;
}

/** The name of a callback. */
export type CallbackName = keyof TransitionCallbacks;
