import type { CallbackName, TransitionContext } from '../model/callbacks.js';
import type { Participant } from '../model/participant.js';
import type { Target } from '../model/step.js';
import type { Volume, VolumeGroup } from '../model/topology.js';
import type { RunContext } from './step-context.js';

/**
 * Calls a callback of a participant for a target, and returns what that
 * returns.
 */
export type Invocation = (
  target: Target,
  context: TransitionContext,
) => unknown;

/**
 * Binds a callback to its participant and to its first arguments, once for a
 * whole block.
 */
export function bindCallback(
  participant: Participant,
  callback: CallbackName,
  { confMap }: RunContext,
): Invocation {
  const { callbacks } = participant;
  switch (callback) {
    case 'validate':
    case 'up':
    case 'down':
    case 'signaledStart':
    case 'signaledFinish':
      return (_target, context) => callbacks[callback]!(confMap, context);
    case 'volumeGroupCreated':
    case 'volumeGroupMoved':
    case 'volumeGroupChanged':
      return (target, context) => {
        const group = target as VolumeGroup;
        return callbacks[callback]!(
          confMap,
          group.name,
          group.primaryPeer,
          group.virtualIPAddr,
          context,
        );
      };
    case 'volumeCreated':
    case 'volumeMoved':
      return (target, context) => {
        const volume = target as Volume;
        return callbacks[callback]!(
          confMap,
          volume.name,
          volume.groupName,
          context,
        );
      };
    case 'volumeGroupDestroyed':
    case 'volumeChanged':
    case 'volumeDestroyed':
    case 'serveVolume':
    case 'volumeToBeUnserved':
    case 'volumeUnserveCancelled':
    case 'unserveVolume':
    case 'volumeLost':
      return (target, context) =>
        callbacks[callback]!(confMap, target!.name, context);
  }
}
