import { findMoves, findOverlaps, type Serving } from './servings.js';
import { quantile, Tally } from './tally.js';

/** A peer that was killed, and whose volumes others took over. */
export interface Killed {
  readonly peer: string;
  readonly volumes: number;
  /** By when its process had ended, in milliseconds of the machine's monotonic clock. */
  readonly at: number;
}

/** What the demo has seen. */
export interface Seen {
  readonly atRest: Tally;
  readonly moving: Tally;
  readonly servings: readonly Serving[];
  readonly handOvers: number;
  readonly seconds: number;
  /** The peer that was killed after the last move, if one was. */
  readonly killed?: Killed | undefined;
}

/** Whether no request was lost and no volume had two servers. */
export function isFine({ atRest, moving, servings }: Seen): boolean {
  return (
    atRest.failures.length + moving.failures.length === 0 &&
    findOverlaps(servings).length === 0
  );
}

/** What the demo has seen, for people. */
export function formatReport(seen: Seen): string {
  const { atRest, moving, servings, handOvers, seconds, killed } = seen;
  const all = Tally.sum([atRest, moving]);
  const gaps = findMoves(
    servings.filter(({ from }) => from < (killed?.at ?? Infinity)),
  );
  const overlaps = findOverlaps(servings);
  return [
    formatTable([
      ['', 'requests', 'failed', 'redirected', 'retried', 'p50', 'p99', 'max'],
      row('at rest', atRest),
      row('while moving', moving),
      row('together', all),
    ]),
    '',
    `${count(Math.round(all.requests / seconds))} requests a second over ${seconds.toFixed(1)} s. Clients ask any peer, which redirects them to the one that serves the volume.`,
    `${gaps.length} moves of volumes in ${handOvers} ${killed === undefined ? 'hand-overs' : 'plain reloads'}. A volume that moved had no server for ${ms(quantile(gaps, 0.5))} (p50), ${ms(quantile(gaps, 1))} at most.`,
    ...(killed === undefined ? [] : [formatTakeOver(killed, servings, all)]),
    'Who asked for it meanwhile was told to come back after 1 s, as Retry-After knows only whole seconds.',
    overlaps.length === 0
      ? `No volume had two servers at any moment (${servings.length} servings compared, as the peers wrote them down).`
      : `${overlaps.length} TIMES A VOLUME HAD TWO SERVERS: ${overlaps.map(({ volume, peers, milliseconds }) => `${volume} at ${peers.join(' and ')} for ${ms(milliseconds)}`).join('; ')}`,
    ...all.failures.slice(0, 10).map((failure) => `FAILED: ${failure}`),
    `${count(all.failures.length)} of ${count(all.requests)} requests were answered wrongly.`,
    '',
  ].join('\n');
}

function formatTakeOver(
  { peer, volumes, at }: Killed,
  servings: readonly Serving[],
  { broken }: Tally,
): string {
  const gaps = findMoves(servings.filter(({ to }) => to >= at));
  return `${peer} was killed (SIGKILL). Of its ${volumes} volumes, the others have taken over ${gaps.length}; a volume had no server for ${ms(quantile(gaps, 1))} at most. ${count(broken)} requests got no answer, as their connection broke or was refused, and were sent again to another one.`;
}

function row(title: string, tally: Tally): string[] {
  return [
    title,
    count(tally.requests),
    count(tally.failures.length),
    count(tally.redirected),
    count(tally.retried),
    ...[0.5, 0.99, 1].map((share) => ms(tally.quantile(share))),
  ];
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function ms(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return '-';
  const digits = milliseconds < 10 ? 1 : 0;
  return `${milliseconds.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, ',')} ms`;
}

/** The first column to the left, the others to the right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]!.length)),
  );
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) =>
        column === 0
          ? cell.padEnd(widths[column]!)
          : cell.padStart(widths[column]! + 3),
      )
      .join('')
      .trimEnd(),
  );
  return [
    lines[0],
    '-'.repeat(Math.max(...lines.map(({ length }) => length))),
    ...lines.slice(1),
  ].join('\n');
}
