import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import type { HistoryEvent } from './history.js';

/**
 * All that is written down in a run: by the processes of peers, each in a file of
 * its own, and by this one. It gives each event once, in the order of time.
 */
export class Records {
  private readonly offsets = new Map<string, number>();
  private readonly pending: HistoryEvent[] = [];
  private readonly own: string[] = [];

  /** @param path - the file of what this process writes down */
  constructor(private readonly path: string) {}

  /** A file that another process writes. */
  follow(path: string): void {
    this.offsets.set(path, 0);
  }

  /** Writes down something itself. */
  readonly note = (event: HistoryEvent): void => {
    this.pending.push(event);
    this.own.push(JSON.stringify(event));
    if (this.own.length >= 100) this.flush();
  };

  /** What has happened since the last time, up to a moment of which all has been written down. */
  takeUntil(end: number): HistoryEvent[] {
    this.flush();
    for (const [path, offset] of this.offsets) {
      const text = readFrom(path, offset);
      const whole = text.lastIndexOf('\n') + 1;
      this.offsets.set(path, offset + whole);
      for (const line of text.slice(0, whole).split('\n')) {
        // Lines are ASCII, so that characters are bytes.
        if (line !== '') this.pending.push(JSON.parse(line) as HistoryEvent);
      }
    }
    this.pending.sort((one, other) => one.at - other.at);
    const later = this.pending.findIndex(({ at }) => at >= end);
    return this.pending.splice(0, later === -1 ? Infinity : later);
  }

  private flush(): void {
    if (this.own.length === 0) return;
    appendFileSync(this.path, `${this.own.splice(0).join('\n')}\n`);
  }
}

function readFrom(path: string, offset: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Its process has not begun.
    return '';
  }
  try {
    const parts: string[] = [];
    const buffer = Buffer.alloc(1 << 20);
    for (let at = offset; ;) {
      const bytes = readSync(file, buffer, 0, buffer.length, at);
      if (bytes === 0) return parts.join('');
      parts.push(buffer.toString('latin1', 0, bytes));
      at += bytes;
    }
  } finally {
    closeSync(file);
  }
}
