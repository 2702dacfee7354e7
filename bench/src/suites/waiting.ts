import { setTimeout as sleep } from 'node:timers/promises';
import { ConfMap, type TransitionCallbacks } from 'nestjs-transitions';
import { configurationText, makeGroups } from '../configuration.js';
import { expectDone, makeCoordinator, requestOf } from '../coordination.js';
import { figureOf, type Figure } from '../figure.js';
import { enlist } from '../participants.js';
import { runSuite } from '../suite.js';

const shape = { volumes: 1500, volumesPerGroup: 10, peers: 1 };
const participants = 4;
const callbackMs = 20;
const concurrency = 32;

/** A participant that waits for something else, such as a store or a mount. */
class WaitingParticipant implements TransitionCallbacks {
  serveVolume(): Promise<void> {
    return sleep(callbackMs);
  }
}

async function measureWaiting(): Promise<Figure[]> {
  const text = configurationText(makeGroups(shape), shape.peers);
  const confMap = ConfMap.parse(text);
  await timeOfUp(confMap, concurrency);
  const together = await timeOfUp(confMap, concurrency);
  const inTurn = await timeOfUp(confMap, 1);
  return [
    {
      ...figureOf(
        {
          id: 'waiting',
          title: `${shape.volumes} x ${callbackMs} ms x ${participants}, ${concurrency} at once`,
          unit: 'x',
          target: { atLeast: 28 },
        },
        [inTurn / together],
      ),
      milliseconds: together,
    },
  ];
}

async function timeOfUp(confMap: ConfMap, atOnce: number): Promise<number> {
  const all = enlist(participants, () => new WaitingParticipant(), atOnce);
  const coordinator = makeCoordinator(all);
  const startedAt = performance.now();
  expectDone(await coordinator.up(requestOf(confMap)));
  process.stderr.write('.');
  return performance.now() - startedAt;
}

await runSuite(measureWaiting);
