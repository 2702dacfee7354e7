import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
} from 'nestjs-transitions';
import {
  JsonLinesRequestLog,
  type RequestLog,
  type RequestLogEntry,
} from '../http/index.js';

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
  private log: JsonLinesRequestLog | undefined;
  private file: WriteStream | undefined;

  write(entry: RequestLogEntry): void {
    this.log?.write(entry);
    const counters = this.counters.get(entry.volume ?? '');
    if (counters === undefined) return;
    counters.requests++;
    counters.bytes += entry.bytes;
    if (entry.status >= 500) counters.failed++;
  }

  async up(confMap: ConfMap): Promise<void> {
    await this.openLog(confMap);
  }

  async signaledFinish(confMap: ConfMap): Promise<void> {
    await this.openLog(confMap);
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
    await this.closeLog();
  }

  private async openLog(confMap: ConfMap): Promise<void> {
    const target = confMap.getString('FileServer', 'RequestLog', 'none');
    if (target === 'none' || target === 'stdout') {
      await this.closeLog();
      if (target === 'stdout')
        this.log = new JsonLinesRequestLog(process.stdout);
      return;
    }
    const file = createWriteStream(target, { flags: 'a', mode: 0o640 });
    await once(file, 'open');
    // A full disk loses lines of the log, never requests.
    file.on('error', (error) =>
      this.logger.error(`Request log: ${error.message}`),
    );
    await this.closeLog();
    this.file = file;
    this.log = new JsonLinesRequestLog(file);
  }

  private async closeLog(): Promise<void> {
    this.log?.flush();
    this.log = undefined;
    const { file } = this;
    this.file = undefined;
    if (file === undefined || file.destroyed) return;
    file.end();
    await once(file, 'close');
  }
}
