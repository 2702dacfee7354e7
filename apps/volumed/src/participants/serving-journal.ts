import { Injectable, Logger } from '@nestjs/common';
import {
  TransitionParticipant,
  TransitionsService,
  type ConfMap,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions';
import { AppendedFile } from '../logs/appended-file.js';
import { assertLogPath, logFileOf } from '../options/log-option.js';
import { fileServer } from '../options/option.js';
import { fileServerSchema } from '../options/schemas.js';

const option = 'ServingJournal';

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
 * the other participants do with it. Opened anew at each reload. What cannot be
 * written is lost, and the loss is logged.
 */
@Injectable()
@TransitionParticipant(1)
export class ServingJournal implements TransitionCallbacks {
  private readonly logger = new Logger('ServingJournal');
  private readonly file = new AppendedFile((trouble) =>
    this.logger.error(`The journal ${trouble}`),
  );

  constructor(private readonly transitions: TransitionsService) {}

  /** Vetoes a file that could not be written. */
  async validate(confMap: ConfMap): Promise<void> {
    await assertLogPath(confMap, option, this.pathIn(confMap));
  }

  up(confMap: ConfMap): void {
    this.file.open(logFileOf(this.pathIn(confMap)));
  }

  signaledFinish(confMap: ConfMap): void {
    this.file.open(logFileOf(this.pathIn(confMap)));
  }

  /** For who has renamed the file. */
  reopen(): void {
    this.file.reopen();
  }

  serveVolume(confMap: ConfMap, volume: string, context: TransitionContext) {
    this.write(confMap, 'serve', volume, context);
  }

  unserveVolume(confMap: ConfMap, volume: string, context: TransitionContext) {
    this.write(confMap, 'unserve', volume, context);
  }

  async down(): Promise<void> {
    await this.file.close();
  }

  private pathIn(confMap: ConfMap): string {
    const { transitions } = this;
    return transitions.options(fileServer, fileServerSchema, confMap)[option];
  }

  /** At once: what happened is in the file, whatever happens to the process next. */
  private write(
    confMap: ConfMap,
    event: ServingEntry['event'],
    volume: string,
    { generation }: TransitionContext,
  ): void {
    const entry: ServingEntry = {
      at: `${process.hrtime.bigint()}`,
      time: new Date().toISOString(),
      peer: confMap.getString('Cluster', 'WhoAmI'),
      pid: process.pid,
      event,
      volume,
      generation,
    };
    this.file.writeAtOnce(`${JSON.stringify(entry)}\n`);
  }
}
