import { closeSync, openSync, writeSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions';

/** One line of the journal. */
export interface ServingEntry {
  /**
   * Nanoseconds of the machine's monotonic clock, which all its processes
   * share: lines of several peers on one machine can be compared.
   */
  readonly at: string;
  readonly time: string;
  readonly peer: string;
  readonly pid: number;
  /**
   * `serve`: nothing of this peer has touched the volume yet. `unserve`: nothing
   * does any more.
   */
  readonly event: 'serve' | 'unserve';
  readonly volume: string;
  readonly generation: number;
}

/**
 * Writes down from when to when this peer serves which volume, as lines of JSON
 * in the file `FileServer.ServingJournal` (a path, or `none`). The first to come
 * up and the last to go down: what it says of a volume is around everything that
 * the other participants do with it. Opened anew at each reload.
 */
@Injectable()
@TransitionParticipant(1)
export class ServingJournal implements TransitionCallbacks {
  private file: number | undefined;

  up(confMap: ConfMap): void {
    this.open(confMap);
  }

  signaledFinish(confMap: ConfMap): void {
    this.open(confMap);
  }

  serveVolume(confMap: ConfMap, volume: string, context: TransitionContext) {
    this.write(confMap, 'serve', volume, context);
  }

  unserveVolume(confMap: ConfMap, volume: string, context: TransitionContext) {
    this.write(confMap, 'unserve', volume, context);
  }

  down(): void {
    this.close();
  }

  private open(confMap: ConfMap): void {
    const path = confMap.getString('FileServer', 'ServingJournal', 'none');
    const file = path === 'none' ? undefined : openSync(path, 'a', 0o640);
    this.close();
    this.file = file;
  }

  private close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  /** At once: what happened is in the file, whatever happens to the process next. */
  private write(
    confMap: ConfMap,
    event: ServingEntry['event'],
    volume: string,
    { generation }: TransitionContext,
  ): void {
    if (this.file === undefined) return;
    const entry: ServingEntry = {
      at: `${process.hrtime.bigint()}`,
      time: new Date().toISOString(),
      peer: confMap.getString('Cluster', 'WhoAmI'),
      pid: process.pid,
      event,
      volume,
      generation,
    };
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
  }
}
