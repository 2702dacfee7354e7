import { ConfMap } from '@nestjs-transitions/conf';
import type { Clock } from './time/clock.js';
import type { TransitionCallbacks } from './model/callbacks.js';
import type { Participant } from './model/participant.js';
import { PlanRunner } from './transition/plan-runner.js';
import { InForce } from './state/in-force.js';
import { RealState } from './state/real-state.js';
import { defaultSettings } from './transition/settings.js';
import { readingTopology } from './configuration/topology-reader.js';

/** Below this many volumes, cold code is fast enough. */
const many = 10_000;

let standby: readonly unknown[] | undefined;

/**
 * Keeps optimised code alive between transitions. When a garbage collection
 * takes the last object of a kind, V8 throws away the code that it optimised for
 * that kind; a reload minutes later then starts with slow code. So once there
 * are many volumes, a small configuration is left half read, and a small plan
 * half run, for good.
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
  const state = new RealState(participants, {
    waiting() {},
    takenOver() {},
    forgotten() {},
  });
  const runner = new PlanRunner(
    {
      state,
      inForce: new InForce(state),
      settings: defaultSettings,
      clock: idleClock(),
      sink: { emit() {}, wantsSteps: () => false },
    },
    new AbortController().signal,
  );
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
