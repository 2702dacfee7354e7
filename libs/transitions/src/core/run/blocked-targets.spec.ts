import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { BlockedTargets } from './blocked-targets.js';
import { callbackNames } from '../model/callback-table.js';
import type { CallbackName } from '../model/callbacks.js';
import { computeTopology } from '../configuration/configuration.js';
import type { Target } from '../model/step.js';

const { groups, volumes } = computeTopology(
  sampleConf({ g: ['v', 'w'], h: [] }),
);
const [g, h] = [groups.get('g')!, groups.get('h')!];
const [v, w] = [volumes.get('v')!, volumes.get('w')!];

/** The callbacks that are blocked for a target at a participant. */
function blockedAt(
  blocked: BlockedTargets,
  participant: number,
  target: Target,
): CallbackName[] {
  return callbackNames.filter((callback) =>
    blocked.has(participant, callback, target),
  );
}

describe('blocked targets', () => {
  it('are none at first', () => {
    const blocked = new BlockedTargets();
    expect(blocked.isEmpty).toBe(true);
    expect(blockedAt(blocked, 0, v)).toEqual([]);
  });

  it('a blocked volume gets nothing more at its participant; others and other volumes go on', () => {
    const blocked = new BlockedTargets();
    blocked.block(0, v);
    expect(blocked.isEmpty).toBe(false);
    expect(blockedAt(blocked, 0, v)).toEqual([...callbackNames]);
    expect(blockedAt(blocked, 0, w)).toEqual([]);
    expect(blockedAt(blocked, 1, v)).toEqual([]);
    expect(blockedAt(blocked, 0, null)).toEqual([]);
  });

  it('a volume blocked for all is blocked at every participant', () => {
    const blocked = new BlockedTargets();
    blocked.block('all', v);
    expect(blockedAt(blocked, 7, v)).toEqual([...callbackNames]);
  });

  it('the group that a blocked volume belongs in, and the one it is still in, are not destroyed, but all else goes on for them', () => {
    const blocked = new BlockedTargets();
    blocked.block(0, v, 'h');
    expect(blockedAt(blocked, 0, g)).toEqual(['volumeGroupDestroyed']);
    expect(blockedAt(blocked, 0, h)).toEqual(['volumeGroupDestroyed']);
    expect(blockedAt(blocked, 1, g)).toEqual([]);
  });

  it('in a blocked group no volume is created, moved or served, but volumes leave it', () => {
    const blocked = new BlockedTargets();
    blocked.block(0, g);
    expect(blockedAt(blocked, 0, g)).toEqual([...callbackNames]);
    expect(blockedAt(blocked, 0, v).toSorted()).toEqual([
      'serveVolume',
      'volumeCreated',
      'volumeMoved',
    ]);
    expect(blockedAt(blocked, 0, h)).toEqual([]);
  });

  it('a blocked participant keeps its targets', () => {
    const blocked = new BlockedTargets();
    blocked.block(0, null);
    expect(blockedAt(blocked, 0, null)).toEqual([...callbackNames]);
    expect(blockedAt(blocked, 0, v)).toEqual([]);
    expect(blockedAt(blocked, 1, null)).toEqual([]);
  });

  it('a blocked step blocks nothing but itself', () => {
    const blocked = new BlockedTargets();
    blocked.blockStep(0, 'volumeToBeUnserved', v);
    expect(blockedAt(blocked, 0, v)).toEqual(['volumeToBeUnserved']);
    expect(blockedAt(blocked, 0, g)).toEqual([]);
  });
});
