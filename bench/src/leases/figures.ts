import { timeFigure, type Figure } from '../figure.js';
import type { BootAndDown } from './boot-and-down.js';
import type { Expense } from './expense.js';

/** `atMost` is the target of a peer with so many volumes, in milliseconds. */
const targetVolumes = 25_000;
/** The target for blocks of the event loop, of any number of volumes. */
const longestBlock = 50;

/** What is told of a boot and of a Down. */
const parts = {
  claims: {
    what: 'claimed in a boot',
    whole: 'boot with leases',
    expenseOf: ({ claims }: BootAndDown) => claims,
    blockOf: ({ bootBlock }: BootAndDown) => bootBlock,
    atMost: 1_000,
  },
  again: {
    what: 'claimed in the boot after a Down',
    whole: 'the boot after a Down',
    expenseOf: ({ claims }: BootAndDown) => claims,
    blockOf: ({ bootBlock }: BootAndDown) => bootBlock,
    atMost: 1_000,
  },
  down: {
    what: 'released in a Down',
    whole: 'released in a Down',
    expenseOf: ({ down }: BootAndDown) => down,
    blockOf: ({ downBlock }: BootAndDown) => downBlock,
    atMost: 100,
  },
} as const;

/**
 * What it takes until all volumes are claimed, of which etcd knows nothing (`claims`)
 * or who had them before (`again`); and a Down that releases them.
 */
export function figuresOf(
  part: keyof typeof parts,
  volumes: number,
  runs: readonly BootAndDown[],
): Figure[] {
  const { what, whole, expenseOf, blockOf, atMost } = parts[part];
  const id = `leases.${part}.${volumes}`;
  const of = `${volumes} ${volumes === 1 ? 'volume' : 'volumes'}`;
  const title = `${of}: ${what}`;
  const each = (expense: keyof Expense): number[] =>
    runs.map((run) => expenseOf(run)[expense]);
  const target = volumes === targetVolumes ? atMost : undefined;
  return [
    timeFigure(id, title, each('wall'), target),
    timeFigure(`${id}.cpu`, `${title}, processor of the peer`, each('cpu')),
    timeFigure(`${id}.etcd`, `${title}, processor of etcd`, each('etcdCpu')),
    timeFigure(
      `${id}.block`,
      `${of}: ${whole}, longest block`,
      runs.map(blockOf),
      longestBlock,
    ),
  ];
}
