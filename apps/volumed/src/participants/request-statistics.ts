import { Injectable, Logger } from '@nestjs/common';
import {
  TransitionParticipant,
  TransitionsService,
  type ConfMap,
  type TransitionCallbacks,
} from 'nestjs-transitions';
import {
  JsonLinesRequestLog,
  type RequestLog,
  type RequestLogEntry,
} from '../http/index.js';
import { AppendedFile } from '../logs/appended-file.js';
import { assertLogPath, logFileOf } from '../options/log-option.js';
import { fileServer } from '../options/option.js';
import { fileServerSchema } from '../options/schemas.js';

const option = 'RequestLog';
const stdout = 'stdout';

interface Counters {
  requests: number;
  bytes: number;
  failed: number;
}

/**
 * Writes the request log, `FileServer.RequestLog`: a path, `stdout`, or `none`,
 * opened anew at each reload, so that it can be rotated. Counts the requests of
 * each volume while it is served here, and says so when it leaves.
 */
@Injectable()
@TransitionParticipant(30)
export class RequestStatistics implements TransitionCallbacks, RequestLog {
  private readonly logger = new Logger('RequestStatistics');
  private readonly counters = new Map<string, Counters>();
  // A full disk loses lines of the log, never requests.
  private readonly file = new AppendedFile((trouble) =>
    this.logger.error(`The request log ${trouble}`),
  );
  private output: Pick<NodeJS.WritableStream, 'write'> | AppendedFile =
    this.file;
  private readonly log = new JsonLinesRequestLog({
    write: (text) => this.output.write(text),
  });

  constructor(private readonly transitions: TransitionsService) {}

  /** Vetoes a file that could not be written. */
  async validate(confMap: ConfMap): Promise<void> {
    const path = this.pathIn(confMap);
    if (path !== stdout) await assertLogPath(confMap, option, path);
  }

  write(entry: RequestLogEntry): void {
    this.log.write(entry);
    const counters = this.counters.get(entry.volume ?? '');
    if (counters === undefined) return;
    counters.requests++;
    counters.bytes += entry.bytes;
    if (entry.status >= 500) counters.failed++;
  }

  up(confMap: ConfMap): void {
    this.open(confMap);
  }

  signaledFinish(confMap: ConfMap): void {
    this.open(confMap);
  }

  /** For who has renamed the file. */
  reopen(): void {
    this.log.flush();
    this.file.reopen();
  }

  serveVolume(_confMap: ConfMap, volume: string): void {
    this.counters.set(volume, { requests: 0, bytes: 0, failed: 0 });
  }

  unserveVolume(_confMap: ConfMap, volume: string): void {
    const counters = this.counters.get(volume);
    this.counters.delete(volume);
    if (counters === undefined || counters.requests === 0) return;
    this.logger.log(
      `${volume} had ${counters.requests} requests here, ${counters.bytes} bytes, ${counters.failed} failed`,
    );
  }

  async down(): Promise<void> {
    this.log.flush();
    await this.file.close();
  }

  private open(confMap: ConfMap): void {
    this.log.flush();
    const path = this.pathIn(confMap);
    this.file.open(path === stdout ? undefined : logFileOf(path));
    this.output = path === stdout ? process.stdout : this.file;
  }

  private pathIn(confMap: ConfMap): string {
    const { transitions } = this;
    return transitions.options(fileServer, fileServerSchema, confMap)[option];
  }
}
