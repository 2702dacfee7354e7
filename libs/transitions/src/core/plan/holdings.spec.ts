import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { computeTopology } from '../configuration/configuration.js';
import {
  rebased,
  volumesIn,
  unserving,
  adopting,
  findingHomes,
} from './holdings.js';
import { doAtOnce } from '../time/slices.js';
import { attaining } from './attaining.js';
import { mapping } from './mapping.js';
import { noHoldings, type Holdings, type Topology } from '../model/topology.js';

function topologyOf(groups: Parameters<typeof sampleConf>[0]): Topology {
  return computeTopology(sampleConf(groups));
}

function withVolumeOf(
  held: Holdings,
  topology: Topology,
  volume: string,
  ...others: readonly Holdings[]
): Holdings {
  const names = { groups: new Set<string>(), volumes: new Set([volume]) };
  const around = doAtOnce(findingHomes(names, [topology, held, ...others]));
  return doAtOnce(adopting(held, topology, names, around));
}

function withoutServing(
  held: Holdings,
  volumeNames: ReadonlySet<string>,
): Holdings {
  return doAtOnce(unserving(held, volumeNames));
}

function attainable(...args: Parameters<typeof attaining>): Holdings {
  return doAtOnce(attaining(...args));
}

/** `g: v* w`, where `*` is served. */
function linesOf({ groups, volumes }: Holdings): string[] {
  return [...groups.keys()].map((name) =>
    [
      `${name}:`,
      ...[...volumes.values()]
        .filter(({ groupName }) => groupName === name)
        .map((volume) => `${volume.name}${volume.served ? '*' : ''}`),
    ].join(' '),
  );
}

describe('holdings', () => {
  it('without serving some volumes still have them, and leave the others the very same', () => {
    const held = topologyOf({ g: ['v', 'w'] });
    const without = withoutServing(held, new Set(['v', 'unheard-of']));
    expect(linesOf(without)).toEqual(['g: v w*']);
    expect(without.volumes.get('w')).toBe(held.volumes.get('w'));
    expect(linesOf(held)).toEqual(['g: v* w*']);
  });

  it('in the order of a topology have what it lacks at the end', () => {
    const held = topologyOf({ z: ['r'], b: ['x', 'y'], a: ['p', 'q'] });
    const order = topologyOf({ a: ['q', 'p'], c: [], b: ['y', 'x'] });
    const ordered = rebased(held, order);
    expect([...ordered.groups.keys()]).toEqual(['a', 'b', 'z']);
    expect([...ordered.volumes.keys()]).toEqual(['q', 'p', 'y', 'x', 'r']);
    expect(linesOf(rebased(ordered, held))).toEqual(linesOf(held));
    expect(rebased(order, order)).toBe(order);
  });

  it('tell the volumes of one group', () => {
    const held = topologyOf({ g: ['v', 'w'], h: ['x'] });
    expect(volumesIn(held, 'g').map(({ name }) => name)).toEqual(['v', 'w']);
    expect(volumesIn(held, 'none')).toEqual([]);
  });

  it('mapped, share what was shared', () => {
    const shared = topologyOf({ g: ['v'] });
    const other = topologyOf({ g: ['v'] });
    const mapped = doAtOnce(
      mapping([shared, other, shared], function* (held) {
        yield;
        return { ...held };
      }),
    );
    expect(mapped[0]).toBe(mapped[2]);
    expect(mapped[0]).not.toBe(mapped[1]);
  });
});

describe('with one volume as a topology has it', () => {
  it('only that volume and its group follow the topology', () => {
    const held = topologyOf({ g: ['v', 'w'], h: ['x'] });
    const wanted = topologyOf({ 'h@B': [], i: ['v', 'w', 'x'] });
    expect(linesOf(withVolumeOf(held, wanted, 'v'))).toEqual([
      'g: w*',
      'h: x*',
      'i: v*',
    ]);
  });

  it('a group that the volume leaves empty goes with it, unless the topology has it', () => {
    const held = topologyOf({ g: ['v'], h: ['x'] });
    const gone = topologyOf({ h: ['x', 'v'] });
    expect(linesOf(withVolumeOf(held, gone, 'v'))).toEqual(['h: v* x*']);
    const kept = topologyOf({ g: [], h: ['x', 'v'] });
    expect(linesOf(withVolumeOf(held, kept, 'v'))[0]).toBe('g:');
  });

  it('a group that the volume has left before goes as well, where another still has it there', () => {
    const wanted = topologyOf({ h: ['v'] });
    const held = topologyOf({ g: [], h: ['v'] });
    const other = topologyOf({ g: ['v'], h: [] });
    expect(linesOf(withVolumeOf(held, wanted, 'v', other))).toEqual(['h: v*']);
    expect(linesOf(withVolumeOf(held, wanted, 'v'))[0]).toBe('g:');
  });

  it('a volume that the topology lacks is gone', () => {
    const held = topologyOf({ g: ['v', 'w'] });
    const wanted = topologyOf({ g: ['w'] });
    expect(linesOf(withVolumeOf(held, wanted, 'v'))).toEqual(['g: w*']);
  });
});

describe('a goal less what can no longer be had', () => {
  const goal = topologyOf({ left: ['over'], g: ['v'] });
  const configured = topologyOf({ g: ['v'] });

  it('is the goal itself where everything is held or configured', () => {
    expect(linesOf(attainable(goal, goal, configured))).toEqual([
      'left: over*',
      'g: v*',
    ]);
    expect(attainable(configured, noHoldings, configured)).toBe(configured);
  });

  it('lacks what is gone by now and is not configured', () => {
    expect(linesOf(attainable(goal, configured, configured))).toEqual([
      'g: v*',
    ]);
  });

  it('leaves a volume where it is by now when its group is gone, and serves it no more where the configuration does not give it to this peer (F90)', () => {
    const held = withoutServing(
      topologyOf({ g: ['v', 'over'] }),
      new Set(['over']),
    );
    expect(linesOf(attainable(goal, held, configured))).toEqual(['g: over v*']);
  });

  it('keeps the group in which a volume stays', () => {
    const held = topologyOf({ g: ['v'], meanwhile: ['over'] });
    expect(linesOf(attainable(goal, held, configured))).toEqual([
      'g: v*',
      'meanwhile: over*',
    ]);
  });
});
