import { open, type FileHandle } from 'node:fs/promises';

// Characters: what a disk that is slow or gone may hold back in memory.
const longestQueue = 16 * 1024 * 1024;

// Milliseconds: how long closing waits for a disk that does not answer.
const closingPatience = 2000;

/**
 * A log file that is written in the background. A disk that is full, or any
 * other trouble, loses lines: it is reported when it begins, and the file says
 * how many were lost when it is over. It never fails or delays the one who logs.
 */
export class LogFile {
  private queue: string[] = [];
  private queued = 0;
  private lost = 0;
  private troubled = false;
  private writing: Promise<void> | undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  /** Opens a file for appending, and makes it where there is none. Rejects if that cannot be. */
  static async open(
    path: string,
    onTrouble: (error: unknown) => void,
  ): Promise<LogFile> {
    return new LogFile(await open(path, 'a', 0o640), onTrouble);
  }

  write(line: string): void {
    if (this.queued + line.length > longestQueue) {
      this.lost++;
      return;
    }
    this.queue.push(line);
    this.queued += line.length;
    this.writing ??= this.writeQueue();
  }

  /** Resolves when what was written is in the file, or will never be. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closingPatience);
    });
    await Promise.race([this.finish(), patience]);
    clearTimeout(timer);
  }

  private async finish(): Promise<void> {
    await this.writing;
    if (this.lost > 0) await this.append([]);
    await this.file.close().catch(this.onTrouble);
  }

  private async writeQueue(): Promise<void> {
    while (this.queue.length > 0) {
      const lines = this.queue;
      this.queue = [];
      this.queued = 0;
      await this.append(lines);
    }
    this.writing = undefined;
  }

  private async append(lines: readonly string[]): Promise<void> {
    const { lost } = this;
    // What was lost may have left half a line.
    const gap = lost === 0 ? '' : `\n(${lost} lines lost)\n`;
    try {
      await this.file.appendFile(
        `${gap}${lines.map((line) => `${line}\n`).join('')}`,
      );
      this.lost -= lost;
      this.troubled = false;
    } catch (thrown) {
      this.lost += lines.length;
      if (!this.troubled) this.onTrouble(thrown);
      this.troubled = true;
    }
  }
}
