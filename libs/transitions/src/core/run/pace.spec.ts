import { describe, expect, it } from 'vitest';
import { sampleConf } from '../../testing/sample-conf.js';
import { SteppedClock } from '../../testing/stepped-clock.js';
import type { Clock } from '../time/clock.js';
import type { TransitionCallbacks } from '../model/callbacks.js';
import { PlanRunner, type PlanRun } from '../transition/plan-runner.js';
import { InForce } from '../state/in-force.js';
import { RealState } from '../state/real-state.js';
import { defaultSettings } from '../transition/settings.js';

/** A clock that only callbacks advance, and that knows when a turn began. */
class TurnClock extends SteppedClock {
  turnBegan = 0;
  stepsInTurn = 0;

  override yieldTo(callback: () => void): void {
    super.yieldTo(() => {
      this.turnBegan = this.time;
      this.stepsInTurn = 0;
      callback();
    });
  }
}

function run(
  clock: Clock,
  callbacks: readonly TransitionCallbacks[],
  plan: Pick<PlanRun, 'blocks' | 'deadline'>,
): Promise<unknown> {
  const participants = callbacks.map((each, order) => ({
    name: `participant ${order}`,
    order,
    callbacks: each,
    concurrency: 1,
    timeout: undefined,
  }));
  const state = new RealState(participants, {
    waiting() {},
    takenOver() {},
    forgotten() {},
  });
  const sink = { emit() {}, wantsSteps: () => false };
  const runner = new PlanRunner(
    {
      state,
      inForce: new InForce(state),
      settings: defaultSettings,
      clock,
      sink,
    },
    new AbortController().signal,
  );
  return runner.run({
    ...plan,
    context: {
      kind: 'down',
      id: 1,
      generation: 1,
      confMap: sampleConf(),
      previous: undefined,
    },
    onError: 'continue',
    wanted: state.states.map(({ held }) => held),
  });
}

const targets = Array.from({ length: 1000 }, (_, index) => ({
  name: `v${index}`,
  groupName: 'g',
  served: true,
  section: undefined,
}));

describe('however quick the participants before it were, a slow one', () => {
  const slowMs = 100;
  const quick: TransitionCallbacks = { up() {}, volumeCreated() {} };
  const quickBlocks = [
    { callback: 'volumeCreated' as const, participant: 0, targets },
    ...Array.from({ length: 10 }, () => ({
      callback: 'up' as const,
      participant: 0,
      targets: [null],
    })),
  ];

  it('begins no step after the deadline', async () => {
    const clock = new TurnClock();
    let late = 0;
    const slow: TransitionCallbacks = {
      volumeCreated() {
        if (clock.time >= 2 * slowMs) late++;
        clock.time += slowMs;
      },
    };
    await run(clock, [quick, slow], {
      blocks: [
        ...quickBlocks,
        { callback: 'volumeCreated', participant: 1, targets },
      ],
      deadline: 2 * slowMs,
    });
    expect(clock.time).toBe(2 * slowMs);
    expect(late).toBe(0);
  });

  it('leaves the process its turn after each step', async () => {
    const clock = new TurnClock();
    let most = 0;
    const slow: TransitionCallbacks = {
      volumeCreated() {
        clock.time += slowMs;
        most = Math.max(most, ++clock.stepsInTurn);
      },
    };
    await run(clock, [quick, slow], {
      blocks: [
        ...quickBlocks,
        {
          callback: 'volumeCreated',
          participant: 1,
          targets: targets.slice(0, 50),
        },
      ],
    });
    expect(clock.time).toBe(50 * slowMs);
    expect(most).toBe(1);
  });
});

describe('a participant that is quick first and slow in the middle of its targets', () => {
  it('holds the process for 16 steps once, and for one step from then on', async () => {
    const clock = new TurnClock();
    const turns: number[] = [];
    let calls = 0;
    await run(
      clock,
      [
        {
          volumeCreated() {
            if (++calls <= 500) return;
            clock.time += 100;
            clock.stepsInTurn++;
            if (clock.stepsInTurn === 1) turns.push(0);
            turns[turns.length - 1]!++;
          },
        },
      ],
      { blocks: [{ callback: 'volumeCreated', participant: 0, targets }] },
    );
    expect(calls).toBe(1000);
    expect(turns[0]).toBeLessThanOrEqual(16);
    expect(Math.max(...turns.slice(1))).toBe(1);
  });
});
