import { ConfMap } from '@nestjs-transitions/conf';
import type { Clock } from './time/clock.js';
import type { TransitionCallbacks } from './model/callbacks.js';
import type { Participant } from './model/participant.js';
import { PlanRunner } from './transition/plan-runner.js';
import { RealState } from './state/real-state.js';
import { defaultSettings } from './transition/settings.js';
import { readingTopology } from './configuration/topology-reader.js';

/** From how many volumes on it counts how fast the code is. */
const many = 10_000;

let standby: readonly unknown[] | undefined;

/**
 * Leaves a small configuration half read, and a small plan half run, for good,
 * once there are many volumes. With the last object of a kind the engine forgets
 * what it has optimised for that kind; without these, whatever comes after a
 * garbage collection, as reloads do that are minutes apart, starts with code
 * that is not optimised.
 */
export function keepStandby(volumes: number): void {
  if (volumes >= many) standby ??= [halfRead(), halfRun()];
}

function halfRead(): unknown {
  const names = Array.from({ length: 100 }, (_, index) => `volume${index}`);
  const reading = readingTopology(
    ConfMap.fromObject({
      Cluster: { WhoAmI: 'peer' },
      FSGlobals: { VolumeGroupList: 'group' },
      'VolumeGroup:group': {
        VolumeList: names,
        VirtualIPAddr: [],
        PrimaryPeer: 'peer',
      },
    }),
  );
  reading.next();
  return reading;
}

function halfRun(): unknown {
  const participants = [
    standIn({ up() {}, serveVolume: () => new Promise(() => {}) }),
    { ...standIn({ serveVolume() {} }), keepsPace: true },
  ];
  const sink = { emit() {}, wantsSteps: () => false };
  const state = new RealState(participants, () => {});
  const runner = new PlanRunner(state, defaultSettings, idleClock(), sink);
  const targets = [
    { name: 'volume', groupName: 'group', served: true, section: undefined },
  ];
  void runner.run({
    blocks: [
      { callback: 'up', participant: 0, targets: [null] },
      { callback: 'serveVolume', participant: 0, targets },
      { callback: 'serveVolume', participant: 1, targets },
    ],
    context: {
      kind: 'up',
      id: 0,
      generation: 0,
      confMap: ConfMap.fromObject({}),
      previous: undefined,
    },
    onError: 'halt',
    wanted: state.states.map(({ held }) => held),
  });
  return runner;
}

function standIn(callbacks: TransitionCallbacks): Participant {
  return {
    name: 'standby',
    order: 0,
    callbacks,
    concurrency: 1,
    timeout: undefined,
  };
}

/** A clock on which time passes, but nothing ever happens. */
function idleClock(): Clock {
  let time = 0.5;
  return {
    now: () => (time += 0.125),
    tick: () => Math.floor(time),
    startTimer: () => () => {},
    yieldTo: () => {},
  };
}
