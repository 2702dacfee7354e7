import type {
  CallbackName,
  TransitionOutcome,
  TransitionSettings,
} from 'nestjs-transitions/core';
import { describe, expect, it } from 'vitest';
import { makeGroup, makeGroups, type Group } from './groups.js';
import { Service } from './service.js';
import { growthBeyond, loadCounted, type Work } from './work-counter.js';

const counted = await loadCounted();
const { counter, core } = counted;

const few = 400;
const many = 1_600;
const volumesEach = 10;
const participants = 3;

/** Which calls of a callback fail, counted over all participants from 1 on. */
interface Fault {
  readonly callback: CallbackName;
  readonly fails: (call: number) => boolean;
}

// Two groups come to be served here.
const serveCalls = 2 * volumesEach * participants;

const faults: readonly (readonly [what: string, fault: Fault])[] = [
  [
    'the first serveVolume',
    { callback: 'serveVolume', fails: (call) => call === 1 },
  ],
  [
    'the last serveVolume',
    { callback: 'serveVolume', fails: (call) => call === serveCalls },
  ],
  [
    'every 7th serveVolume',
    { callback: 'serveVolume', fails: (call) => call % 7 === 0 },
  ],
  [
    'the last volumeGroupMoved',
    {
      callback: 'volumeGroupMoved',
      fails: (call) => call === 2 * participants,
    },
  ],
];

/** The same but for thirty volumes in the middle: one group goes, one comes, one is new. */
function edited(groups: readonly Group[]): Group[] {
  const middle = groups.length / 2;
  return groups.flatMap((group, at): Group[] => {
    if (at === middle) return [{ ...group, peer: 'there' }];
    if (at !== middle + 1) return [group];
    return [{ ...group, peer: 'here' }, makeGroup('new', 'here', volumesEach)];
  });
}

/** A service with so many volumes, and the work of its reloads. */
class Scene {
  private constructor(
    private readonly service: Service,
    private readonly groups: readonly Group[],
  ) {}

  static async of(
    volumes: number,
    onFailure: TransitionSettings['onFailure'],
  ): Promise<Scene> {
    const service = new Service(counted, {
      clock: {
        now: () => 0,
        tick: () => 0,
        startTimer: () => () => {},
        yieldTo: queueMicrotask,
      },
      onFailure,
      participants,
      callbacks: core.callbackNames,
    });
    const groups = makeGroups(volumes / volumesEach, volumesEach);
    await service.up(groups);
    return new Scene(service, groups);
  }

  /** The work of a reload in which nothing fails. */
  async reload(to: 'edited' | 'as it was'): Promise<Work> {
    const groups = to === 'edited' ? edited(this.groups) : this.groups;
    counter.take();
    const { outcome } = await this.service.reload(groups);
    const work = counter.take();
    if (outcome !== 'applied') throw new Error(`It was ${outcome}`);
    return work;
  }

  /** The work from the first failure on. */
  async reloadFailing(
    { callback, fails }: Fault,
    expected: TransitionOutcome,
  ): Promise<Work> {
    let calls = 0;
    let hasFailed = false;
    this.service.onCall = (called) => {
      if (called !== callback || !fails(++calls)) return;
      if (!hasFailed) counter.take();
      hasFailed = true;
      throw new Error('as planned');
    };
    const { outcome } = await this.service.reload(edited(this.groups));
    const work = counter.take();
    this.service.onCall = () => {};
    if (outcome !== expected) throw new Error(`It was ${outcome}`);
    return work;
  }
}

it('the work of a reload in which nothing fails grows with the volumes, which shows that it is counted', async () => {
  const ofFew = await Scene.of(few, 'rollback');
  const ofMany = await Scene.of(many, 'rollback');
  const works = [
    await ofFew.reload('edited'),
    await ofMany.reload('edited'),
  ] as const;
  expect(growthBeyond(works)).not.toEqual([]);
});

describe.each([
  { onFailure: 'rollback', outcome: 'rolledBack', next: 'edited' },
  { onFailure: 'isolate', outcome: 'partial', next: 'as it was' },
] as const)('with $onFailure', ({ onFailure, outcome, next }) => {
  it.each(faults)(
    'what follows when %s fails is no more work among four times as many volumes',
    async (_what, fault) => {
      const [ofFew, ofMany] = [
        await Scene.of(few, onFailure),
        await Scene.of(many, onFailure),
      ];
      const growth = growthBeyond([
        await ofFew.reloadFailing(fault, outcome),
        await ofMany.reloadFailing(fault, outcome),
      ]);
      expect(growth).toEqual([]);
    },
  );

  it.each(faults)(
    'the reload after %s failed grows with the volumes as one after which nothing failed',
    async (_what, fault) => {
      const worksOf = async (volumes: number): Promise<[Work, Work]> => {
        const failing = await Scene.of(volumes, onFailure);
        await failing.reloadFailing(fault, outcome);
        const after = await failing.reload(next);
        const good = await Scene.of(volumes, onFailure);
        if (next === 'as it was') await good.reload('edited');
        return [after, await good.reload(next)];
      };
      const [[afterFew, goodFew], [afterMany, goodMany]] = [
        await worksOf(few),
        await worksOf(many),
      ];
      const growth = growthBeyond([afterFew, afterMany], [goodFew, goodMany]);
      expect(growth).toEqual([]);
    },
  );
});
