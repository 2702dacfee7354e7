import type { Stay } from '../event-loop.js';
import { figureOf, targetOf, timeFigure, type Figure } from '../figure.js';
import { summarize } from '../statistics.js';
import type { ComparedCase } from './comparison.js';
import type { ComparedStays } from './process.js';
import type { Size } from './size.js';

/** How many times as long as what it is compared with a case may take. */
const mostTimes = 3;

/** What the figures of a case begin with. */
export interface Head {
  readonly id: string;
  readonly title: string;
}

/** How many times as long as a reload a case takes, or as what it would be otherwise, and its longest block. */
export function figuresOfCase(
  { id, title }: Head,
  { plainTitle, hasNoTarget }: ComparedCase,
  { reload, measured, plain }: ComparedStays,
  { longestBlock }: Size,
): Figure[] {
  const most = hasNoTarget ? undefined : mostTimes;
  const mostBlocked = hasNoTarget ? undefined : longestBlock;
  const figures = [blockFigure({ id, title }, measured, mostBlocked)];
  if (plain !== undefined) {
    const ofPlain = { id: `${id}.plain`, title: `${title}, of ${plainTitle}` };
    figures.unshift(ratioFigure(ofPlain, measured, plain, most));
  }
  if (reload !== undefined) {
    const ofReload = { id, title: `${title}, of a reload` };
    const ownMost = plain === undefined ? most : undefined;
    figures.unshift(ratioFigure(ofReload, measured, reload, ownMost));
  }
  return figures;
}

/** The reload itself, as several processes saw it. */
export function figuresOfReload(
  { id, title }: Head,
  reloads: readonly Stay[],
  { longestBlock }: Size,
): Figure[] {
  return [
    timeFigure(id, title, timesOf(reloads)),
    blockFigure({ id, title }, reloads, longestBlock),
  ];
}

function ratioFigure(
  head: Head,
  stays: readonly Stay[],
  others: readonly Stay[],
  atMost: number | undefined,
): Figure {
  const ratios = stays.map(
    ({ milliseconds }, round) => milliseconds / others[round]!.milliseconds,
  );
  return {
    ...figureOf({ ...head, unit: 'x', ...targetOf(atMost) }, ratios),
    milliseconds: summarize(timesOf(stays)).median,
  };
}

function blockFigure(
  { id, title }: Head,
  stays: readonly Stay[],
  atMost: number | undefined,
): Figure {
  return timeFigure(
    `${id}.block`,
    `${title}, longest block`,
    stays.map(({ longestBlock }) => longestBlock),
    atMost,
  );
}

function timesOf(stays: readonly Stay[]): number[] {
  return stays.map(({ milliseconds }) => milliseconds);
}
