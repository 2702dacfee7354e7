import type { Bugs } from './bugs.js';
import { Chance } from './chance.js';
import { Cluster, type Ground } from './cluster.js';
import {
  arrange,
  drawFaults,
  drawShortFaults,
  faultKinds,
  type Fault,
  type FaultKind,
} from './faults.js';
import { fairWeather, type Weather } from './network.js';

/** When the faults end, in milliseconds. */
const healAt = 22_000;
/** By then everything must be as configured: 2 x ttl, and for listings, jitter and back-off what a ttl and 4 s are. */
const timeToConverge = (ttl: number): number => 3 * ttl + 4_000;

/** All that decides a run. */
export interface Scenario {
  readonly ground: Ground;
  readonly faults: readonly Fault[];
}

export interface RunResult {
  readonly scenario: Scenario;
  /** The law that was broken. */
  readonly failure: string | undefined;
  readonly hash: string;
  readonly events: number;
  readonly lastLines: readonly string[];
  readonly accepted: number;
  readonly refused: number;
  readonly losses: number;
  /** How often changes were asked for that were compacted. */
  readonly refusedToFollow: number;
}

/** Kinds after which a peer may write what nobody takes: it was stopped after its check, or what it had was taken by force. */
const lateWrites: readonly FaultKind[] = [
  'stop',
  'sleep',
  'revoke',
  'deleteKey',
  'expireKey',
  'overwrite',
  'wipeStore',
];

/**
 * A scenario that a seed decides: its mix of faults too, so that some are rare
 * together and others frequent.
 *
 * @param only these kinds of faults
 */
export function drawScenario(
  seed: number,
  only?: readonly FaultKind[],
): Scenario {
  const chance = new Chance(seed * 7919 + 17);
  const drawn = faultKinds.filter((kind) => chance.happens(kindOdds(kind)));
  const kinds = only ?? drawn;
  const sleeps = kinds.includes('sleep');
  // A clock that is set back while its machine sleeps hides the sleep.
  const possible = kinds.filter((kind) => kind !== 'setWallBack' || !sleeps);
  const ground: Ground = {
    seed,
    ttl: chance.oneOf([2_000, 3_000, 3_000, 4_000]),
    weather: drawWeather(chance),
    drift: chance.oneOf([0, 0.05, 0.05]),
    wallRate: sleeps ? 1 : chance.oneOf([1, 1, 1, 1.5, 0.5]),
  };
  return { ground, faults: drawFaults(chance, ['move', ...possible], healAt) };
}

/** A scenario in which nothing lasts as long as a quarter of the ttl. */
export function drawCalmScenario(seed: number): Scenario {
  const chance = new Chance(seed * 7919 + 17);
  const ttl = chance.oneOf([3_000, 4_000]);
  const weather = { ...fairWeather, slow: 0.05, slowBy: 200, doubled: 0.1 };
  const ground: Ground = { seed, ttl, weather, drift: 0.02, wallRate: 1 };
  return { ground, faults: drawShortFaults(chance, ttl, healAt) };
}

function kindOdds(kind: FaultKind): number {
  if (kind === 'move' || kind === 'moveAndBack') return 0.6;
  return kind === 'wipeStore' ? 0.05 : 0.35;
}

function drawWeather(chance: Chance): Weather {
  return {
    slow: chance.oneOf([0, 0.02, 0.1, 0.3]),
    slowBy: chance.oneOf([300, 800, 2_500]),
    lost: chance.oneOf([0, 0, 0.02, 0.1]),
    doubled: chance.oneOf([0, 0.05, 0.2]),
    lostHints: chance.oneOf([0, 0.1, 1]),
    lateHints: chance.oneOf([0, 0.2]),
  };
}

/** Whether peers of the scenario know in time what is not theirs any more: then resources have almost nothing to turn away. */
export function isWithoutLateWrites({ faults }: Scenario): boolean {
  return !faults.some(({ kind }) => lateWrites.includes(kind));
}

/** Runs a scenario: its faults, then a time without any. */
export async function run(
  scenario: Scenario,
  bugs: Bugs = {},
): Promise<RunResult> {
  const cluster = new Cluster(scenario.ground, bugs);
  for (const fault of scenario.faults) arrange(cluster, fault);
  const { timeline } = cluster;
  await timeline.run(healAt);
  if (cluster.failure === undefined) cluster.heal();
  await timeline.run(healAt + timeToConverge(cluster.ttl));
  if (cluster.failure === undefined) cluster.laws.converged();
  for (const { keeper } of cluster.peers) keeper.stop();
  return {
    scenario,
    failure: cluster.failure,
    hash: timeline.hash,
    events: timeline.events,
    lastLines: timeline.lastLines(40),
    accepted: cluster.accepted,
    refused: cluster.refused,
    losses: cluster.losses,
    refusedToFollow: cluster.store.refusedToFollow,
  };
}

/** Leaves out faults, one by one, as long as the run breaks the same law. */
export async function shrink(
  failing: RunResult,
  bugs: Bugs = {},
): Promise<RunResult> {
  let smallest = failing;
  let at = failing.scenario.faults.length;
  while (at > 0) {
    at--;
    const { ground, faults } = smallest.scenario;
    const fewer = faults.filter((_fault, index) => index !== at);
    const result = await run({ ground, faults: fewer }, bugs);
    if (lawOf(result) !== lawOf(failing)) continue;
    // Once one is gone, others may matter no more.
    smallest = result;
    at = fewer.length;
  }
  return smallest;
}

function lawOf({ failure }: RunResult): string | undefined {
  return failure?.split(' ')[0];
}

/** What to print of a run that failed. */
export function describeFailure(result: RunResult): string {
  const { ground, faults } = result.scenario;
  return [
    result.failure,
    `TRANSITIONS_SIM_SEED=${ground.seed} npm test -- test/simulation/simulation.spec.ts`,
    `cut down to: ${JSON.stringify({ ground, faults })}`,
    ...result.lastLines,
  ].join('\n');
}
