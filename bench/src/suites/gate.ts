import { memoryServingLeases } from '@nestjs-transitions/testing';
import { ConfMap, VolumeGate } from 'nestjs-transitions';
import { setImmediate as turn } from 'node:timers/promises';
import { configurationText, makeGroups } from '../configuration.js';
import { figureOf, type Figure } from '../figure.js';
import { bootApplication } from '../leases/application.js';
import { collectGarbage } from '../rounds.js';
import { runSuite, type Effort } from '../suite.js';

const shape = { volumes: 1_000, volumesPerGroup: 10, peers: 1 };
const requests = 1_000_000;
/** So few that the session is renewed in time. */
const requestsAtOnce = 100_000;

/** What a request does at the gate of a volume. */
type Request = (gate: VolumeGate, volume: string) => void;

/** It is let in, and leaves. */
const enters: Request = (gate, volume) => {
  gate.enter(volume)[Symbol.dispose]();
};

/** The same, and asks once whether the volume is still held. */
const writes: Request = (gate, volume) => {
  const pass = gate.enter(volume);
  pass.assertHeld();
  pass[Symbol.dispose]();
};

/** What leases cost each request at the gate, beside the same without leases. */
async function measureGate({ rounds }: Effort): Promise<Figure[]> {
  const text = configurationText(makeGroups(shape), shape.peers);
  const confMap = ConfMap.parse(text);
  const leased = await bootApplication(confMap, memoryServingLeases(), {});
  const free = await bootApplication(confMap, undefined, {});
  const volumes = Array.from(
    { length: shape.volumes },
    (_, index) => `Volume${index}`,
  );
  const time = (application: typeof free, request: Request) =>
    nanosecondsOf(application.get(VolumeGate), volumes, request);
  const without: number[] = [];
  const entering: number[] = [];
  const writing: number[] = [];
  const ratios: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const plain = await time(free, enters);
    const entered = await time(leased, enters);
    const plainWrite = await time(free, writes);
    const written = await time(leased, writes);
    process.stderr.write('.');
    if (round < 0) continue;
    without.push(plain);
    entering.push(entered - plain);
    writing.push(written - plainWrite);
    ratios.push(entered / plain);
  }
  process.stderr.write('\n');
  await Promise.all([leased.close(), free.close()]);
  return figuresOf({ without, entering, writing, ratios });
}

/** What one request takes of the processor, its share of the collection of garbage included. */
async function nanosecondsOf(
  gate: VolumeGate,
  volumes: readonly string[],
  request: Request,
): Promise<number> {
  collectGarbage();
  let microseconds = 0;
  for (let done = 0; done < requests; done += requestsAtOnce) {
    await turn();
    const before = process.cpuUsage();
    for (let next = 0; next < requestsAtOnce; next++) {
      request(gate, volumes[next % volumes.length]!);
    }
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
  }
  return (microseconds / requests) * 1000;
}

function figuresOf(samples: {
  readonly without: readonly number[];
  readonly entering: readonly number[];
  readonly writing: readonly number[];
  readonly ratios: readonly number[];
}): Figure[] {
  return [
    figureOf(
      {
        id: 'gate.without',
        title: 'gate: a request without leases',
        unit: 'ns',
      },
      samples.without,
    ),
    figureOf(
      {
        id: 'gate.leases',
        title: 'gate: a request with leases, more',
        unit: 'ns',
        target: { atMost: 200 },
      },
      samples.entering,
    ),
    figureOf(
      {
        id: 'gate.leases.write',
        title: 'gate: a request with leases that calls assertHeld, more',
        unit: 'ns',
      },
      samples.writing,
    ),
    figureOf(
      {
        id: 'gate.leases.ratio',
        title: 'gate: a request with leases, of one without',
        unit: 'x',
      },
      samples.ratios,
    ),
  ];
}

await runSuite(measureGate);
