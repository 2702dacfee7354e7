import type { HistoryEvent } from './history.js';

/** What was counted in a run, from its events. Times in milliseconds. */
export class Tally {
  rounds = 0;
  readonly faults = new Map<string, number>();
  moves = 0;
  serves = 0;
  /** Volumes that a peer was told to serve when they were lost already. */
  lateServes = 0;
  readonly losses = new Map<string, number>();
  writes = 0;
  accepted = 0;
  refused = 0;
  /** From a configuration that moves a volume until the peer is told to serve it. */
  readonly handOvers: number[] = [];
  /** From the end of all faults until all is as configured. */
  readonly recoveries: number[] = [];
  private readonly moving = new Map<string, { to: string; since: number }>();
  private healedAt = 0;

  add(event: HistoryEvent): void {
    switch (event.type) {
      case 'fault': {
        const kind = event.what.replace(/^\+\d+ ms /, '').split(' ')[0]!;
        if (event.what.startsWith('+')) count(this.faults, kind);
        return;
      }
      case 'moved':
        this.moves++;
        for (const volume of event.volumes) {
          this.moving.set(volume, { to: event.to, since: event.at });
        }
        return;
      case 'serve': {
        this.serves++;
        if (!event.held) this.lateServes++;
        const move = this.moving.get(event.volume);
        if (move === undefined || !event.who.startsWith(`${move.to}#`)) return;
        this.moving.delete(event.volume);
        this.handOvers.push(event.at - move.since);
        return;
      }
      case 'lost':
        count(this.losses, event.reason, event.volumes.length);
        return;
      case 'use':
        this.writes++;
        return;
      case 'written':
        if (event.accepted) this.accepted++;
        else this.refused++;
        return;
      case 'healed':
        this.healedAt = event.at;
        return;
      case 'converged':
        if (this.healedAt > 0) this.recoveries.push(event.at - this.healedAt);
        this.healedAt = 0;
        // What had not come before a newer configuration never will.
        this.moving.clear();
        return;
      case 'opened':
      case 'renewed':
      case 'claimed':
      case 'released':
      case 'unserved':
      case 'revoked':
      case 'taken':
      case 'ended':
      case 'obstacle':
        return;
    }
  }

  /** A table, a line for each figure. */
  describe(): string {
    const rows: readonly (readonly [string, string])[] = [
      ['rounds', `${this.rounds}`],
      ['faults', listed(this.faults)],
      ['moves', `${this.moves}`],
      ['volumes served', `${this.serves}, ${this.lateServes} of them too late`],
      ['volumes lost', listed(this.losses)],
      ['writes begun', `${this.writes}`],
      ['writes accepted', `${this.accepted}`],
      ['writes fenced off', `${this.refused}`],
      ['hand-over times', spread(this.handOvers)],
      ['recovery times', spread(this.recoveries)],
    ];
    return rows.map(([name, text]) => `${name.padEnd(18)} ${text}`).join('\n');
  }
}

function count(map: Map<string, number>, key: string, more = 1): void {
  map.set(key, (map.get(key) ?? 0) + more);
}

function listed(map: ReadonlyMap<string, number>): string {
  const total = [...map.values()].reduce((sum, each) => sum + each, 0);
  const each = [...map].map(([name, n]) => `${name} ${n}`).toSorted();
  return total === 0 ? '0' : `${total}: ${each.join(', ')}`;
}

function spread(times: readonly number[]): string {
  if (times.length === 0) return 'none';
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): string =>
    `${Math.round(sorted[Math.floor(part * (sorted.length - 1))]!)} ms`;
  return `${times.length}: median ${at(0.5)}, 90 % ${at(0.9)}, longest ${at(1)}`;
}
