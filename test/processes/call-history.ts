/** A call of a callback, as a service printed it. */
export interface Call {
  readonly number: number;
  readonly participant: string;
  readonly callback: string;
  readonly target: string | undefined;
  readonly kind: string;
  /** Whether it returned. */
  readonly done: boolean;
}

const pattern = /^call (\d+) (\w+)\.(\w+)(?: (\S+))? \[(\w+)\]$/;

/** The calls that a service printed, in order. */
export function callsIn(lines: readonly string[]): Call[] {
  const done = new Set(
    lines.flatMap((line) => /^done (\d+) /.exec(line)?.[1] ?? []),
  );
  return lines.flatMap((line) => {
    const match = pattern.exec(line);
    if (match === null) return [];
    const [, number, participant, callback, target, kind] = match;
    return [
      {
        number: Number(number),
        participant: participant!,
        callback: callback!,
        target,
        kind: kind!,
        done: done.has(number!),
      },
    ];
  });
}

/**
 * Everything that is wrong with a history that ended with a Down without
 * faults: what was done and not undone, undone twice, or undone without having
 * been done.
 */
export function flawsOf(calls: readonly Call[]): string[] {
  const open = new Map<string, number>();
  const flaws: string[] = [];
  for (const { participant, callback, target, done } of calls) {
    const pair = pairs[callback];
    if (pair === undefined || !done) continue;
    const key = `${participant} ${pair.what} ${target ?? ''}`.trim();
    const count = (open.get(key) ?? 0) + pair.step;
    open.set(key, count);
    if (count < 0 || count > 1)
      flaws.push(`${key} is ${count} after ${callback}`);
  }
  for (const [key, count] of open) {
    if (count !== 0) flaws.push(`${key} is left`);
  }
  return flaws;
}

const pairs: Readonly<Record<string, { what: string; step: 1 | -1 }>> = {
  up: { what: 'up', step: 1 },
  down: { what: 'up', step: -1 },
  volumeGroupCreated: { what: 'group', step: 1 },
  volumeGroupDestroyed: { what: 'group', step: -1 },
  volumeCreated: { what: 'volume', step: 1 },
  volumeDestroyed: { what: 'volume', step: -1 },
  serveVolume: { what: 'serving', step: 1 },
  unserveVolume: { what: 'serving', step: -1 },
};
