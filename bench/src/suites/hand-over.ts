import { timeFigure, type Figure } from '../figure.js';
import { takeOver, type TakeOver } from '../hand-over/downs.js';
import { moveToAndFro, type Move } from '../hand-over/moves.js';
import { PeerProcess } from '../hand-over/peer-process.js';
import { unlessThereIsNoEtcd, withEtcd } from '../leases/etcd.js';
import { quantile } from '../statistics.js';
import { runSuite, type Effort } from '../suite.js';

/** There and back, in each round. */
const movesOfOne = 100;
const movesOfMany = 5;
/** In milliseconds, for all but the callbacks, which here take no time. */
const mostAtP99 = 50;

/** The moves of each round. */
interface Rounds {
  readonly one: readonly (readonly Move[])[];
  readonly many: readonly (readonly Move[])[];
}

/** How long volumes are served by nobody while two peers hand them over. */
async function measureHandOver(effort: Effort): Promise<readonly Figure[]> {
  return [...(await measureMoves(effort)), ...(await measureDowns(effort))];
}

function measureMoves({ rounds }: Effort): Promise<readonly Figure[]> {
  return withEtcd(async ({ url }) => {
    await using first = new PeerProcess(0, url);
    await using second = new PeerProcess(1, url);
    await Promise.all([first.up(), second.up()]);
    const one: Move[][] = [];
    const many: Move[][] = [];
    for (let round = -1; round < rounds; round++) {
      const ones: Move[] = [];
      const manies: Move[] = [];
      for (let pair = 0; pair < movesOfOne; pair++) {
        ones.push(...(await moveToAndFro([first, second], 'one moved')));
      }
      for (let pair = 0; pair < movesOfMany; pair++) {
        manies.push(...(await moveToAndFro([first, second], 'all moved')));
      }
      process.stderr.write('.');
      if (round < 0) continue;
      one.push(ones);
      many.push(manies);
    }
    process.stderr.write('\n');
    return figuresOf({ one, many });
  });
}

async function measureDowns({ rounds }: Effort): Promise<readonly Figure[]> {
  const downs: TakeOver[] = [];
  for (let round = 0; round < rounds; round++) {
    downs.push(await withEtcd(({ url }) => takeOver(url)));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  const title = 'Down of a peer with 25000 volumes';
  return [
    timeFigure(
      'hand-over.down.first',
      `${title}, to the first one served by the next peer`,
      downs.map(({ toFirst }) => toFirst),
    ),
    timeFigure(
      'hand-over.down.last',
      `${title}, to the last one served by it`,
      downs.map(({ toLast }) => toLast),
    ),
    timeFigure(
      'hand-over.down.block',
      `${title}, longest block of the next peer`,
      downs.map(({ longestBlock }) => longestBlock),
      mostAtP99,
    ),
  ];
}

function figuresOf({ one, many }: Rounds): Figure[] {
  const gaps = (moves: readonly Move[]) => moves.flatMap((each) => each.gaps);
  const first = (moves: readonly Move[]) => moves.map((each) => each.toFirst);
  const last = (moves: readonly Move[]) => moves.map((each) => each.toLast);
  const p99 = (rounds: readonly (readonly number[])[]): number[] =>
    rounds.map((samples) => quantile(samples, 0.99));
  return [
    timeFigure('hand-over.one', 'hand-over of one volume', one.flatMap(gaps)),
    timeFigure(
      'hand-over.one.p99',
      'hand-over of one volume, p99',
      p99(one.map(gaps)),
      mostAtP99,
    ),
    timeFigure(
      'hand-over.many',
      'hand-over of 500 volumes, each',
      many.flatMap(gaps),
    ),
    timeFigure(
      'hand-over.many.p99',
      'hand-over of 500 volumes, each, p99',
      p99(many.map(gaps)),
    ),
    timeFigure(
      'hand-over.many.first',
      'hand-over of 500 volumes, last unserved to first served',
      many.flatMap(first),
      mostAtP99,
    ),
    timeFigure(
      'hand-over.many.last',
      'hand-over of 500 volumes, last unserved to last served',
      many.flatMap(last),
    ),
  ];
}

await runSuite((effort) => unlessThereIsNoEtcd(() => measureHandOver(effort)));
