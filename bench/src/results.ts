import { readFileSync, writeFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { holds, type Figure } from './figure.js';
import type { Machine } from './machine.js';

/** The results of one run of the benchmarks. */
export interface Results {
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** Reads results that were written before. */
export function readResults(path: string | URL): Results {
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}

/** Writes results, for programs or as the baseline. */
export function writeResults(path: string | URL, results: Results): void {
  const rounded = JSON.stringify(results, roundNumber, 2);
  writeFileSync(path, `${rounded}\n`);
}

/** The results as a table for people. */
export function formatTable({ machine, figures }: Results): string {
  const rows = figures.map((figure) => [
    figure.title,
    formatFigure(figure.median, figure.unit),
    `${formatNumber(figure.low)} to ${formatNumber(figure.high)}`,
    figure.milliseconds === undefined
      ? ''
      : `${formatNumber(figure.milliseconds)} ms`,
    formatTarget(figure),
    verdict(figure),
  ]);
  const head = ['', 'median', 'quartiles', 'on the clock', 'target', ''];
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load ${formatNumber(machine.load)}`,
    'Y is the yardstick: plain JavaScript that splits and trims the same 24 MB.',
    '',
    ...formatRows([head, ...rows]),
  ].join('\n');
}

function formatRows(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0
          ? cell.padEnd(widths[column]!)
          : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** A number in its unit, to three digits. */
export function formatFigure(value: number, unit: Figure['unit']): string {
  return `${formatNumber(value)} ${unit}`;
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Number(value.toPrecision(3)).toString();
}

function formatTarget({ target, unit }: Figure): string {
  if (target === undefined) return '';
  return 'atMost' in target
    ? `<= ${target.atMost} ${unit}`
    : `>= ${target.atLeast} ${unit}`;
}

function verdict(figure: Figure): string {
  const kept = holds(figure);
  if (kept === undefined) return '';
  return kept ? styleText('green', 'holds') : styleText('red', 'MISSED');
}

function roundNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}
