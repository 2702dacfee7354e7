import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/**
 * A log file that is written in the background. A disk that is full, or any
 * other trouble, loses lines and is reported once; it never fails or delays the
 * one who logs.
 */
export class LogFile {
  private lost = 0;
  private troubled = false;

  private constructor(
    private readonly stream: WriteStream,
    private readonly onTrouble: (error: Error) => void,
  ) {
    stream.on('error', (error) => this.trouble(error));
  }

  /** Opens a file for appending, and makes it where there is none. Rejects if that cannot be. */
  static async open(
    path: string,
    onTrouble: (error: Error) => void,
  ): Promise<LogFile> {
    const stream = createWriteStream(path, { flags: 'a', mode: 0o640 });
    await once(stream, 'open');
    return new LogFile(stream, onTrouble);
  }

  write(line: string): void {
    if (this.stream.destroyed || this.stream.writableLength > longestQueue) {
      this.lost++;
      return;
    }
    this.stream.write(`${line}\n`);
  }

  /** How many lines were lost. */
  get lines(): number {
    return this.lost;
  }

  /** Resolves when what was written is in the file, or will never be. */
  async close(): Promise<void> {
    if (this.stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.stream.once('close', resolve);
      this.stream.end();
    });
  }

  private trouble(error: Error): void {
    if (this.troubled) return;
    this.troubled = true;
    this.onTrouble(error);
  }
}

// Bytes: what a disk that is slow or gone may hold back in memory.
const longestQueue = 16 * 1024 * 1024;
