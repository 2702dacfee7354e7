import { figureOf, type Figure } from '../figure.js';
import type { BootAndDown } from './boot-and-down.js';
import type { Expense } from './expense.js';

/** The targets are those of a peer with so many volumes, in milliseconds. */
const targets = { volumes: 25_000, claims: 1_000, down: 100, block: 50 };

/** What it takes until all volumes are claimed. */
export function figuresOfClaims(
  volumes: number,
  runs: readonly BootAndDown[],
): Figure[] {
  const head = {
    id: `leases.claims.${volumes}`,
    title: titleOf(volumes, 'claimed in a boot'),
  };
  return [
    ...figuresOf(
      head,
      runs.map(({ claims }) => claims),
      volumes === targets.volumes ? targets.claims : undefined,
    ),
    figure(
      `${head.id}.block`,
      `${titleOf(volumes, 'boot with leases')}, longest block`,
      runs.map(({ bootBlock }) => bootBlock),
      targets.block,
    ),
  ];
}

/** What a Down takes that releases them. */
export function figuresOfDown(
  volumes: number,
  runs: readonly BootAndDown[],
): Figure[] {
  const head = {
    id: `leases.down.${volumes}`,
    title: titleOf(volumes, 'released in a Down'),
  };
  return [
    ...figuresOf(
      head,
      runs.map(({ down }) => down),
      volumes === targets.volumes ? targets.down : undefined,
    ),
    figure(
      `${head.id}.block`,
      `${head.title}, longest block`,
      runs.map(({ downBlock }) => downBlock),
      targets.block,
    ),
  ];
}

/** What etcd takes of a Down, whatever the peer does, and what comes on top of it. */
export function figuresOfEnds(
  volumes: number,
  ends: readonly Expense[],
  runs: readonly BootAndDown[],
): Figure[] {
  const id = `leases.down.${volumes}`;
  return [
    figure(
      `${id}.floor`,
      titleOf(volumes, 'their session revoked in etcd, and nothing else'),
      ends.map(({ wall }) => wall),
    ),
    figure(
      `${id}.floor.etcd`,
      titleOf(volumes, 'the same, processor of etcd'),
      ends.map(({ etcdCpu }) => etcdCpu),
    ),
    figure(
      `${id}.above`,
      titleOf(volumes, 'a Down with leases above that'),
      runs.map(({ down }, round) => down.wall - ends[round]!.wall),
    ),
  ];
}

function figuresOf(
  { id, title }: Pick<Figure, 'id' | 'title'>,
  expenses: readonly Expense[],
  atMost: number | undefined,
): Figure[] {
  const each = (what: keyof Expense): number[] =>
    expenses.map((expense) => expense[what]);
  return [
    figure(id, title, each('wall'), atMost),
    figure(`${id}.cpu`, `${title}, processor of the peer`, each('cpu')),
    figure(`${id}.etcd`, `${title}, processor of etcd`, each('etcdCpu')),
  ];
}

function titleOf(volumes: number, what: string): string {
  return `${volumes} ${volumes === 1 ? 'volume' : 'volumes'}: ${what}`;
}

function figure(
  id: string,
  title: string,
  samples: readonly number[],
  atMost?: number,
): Figure {
  const target = atMost === undefined ? {} : { target: { atMost } };
  return figureOf({ id, title, unit: 'ms', ...target }, samples);
}
