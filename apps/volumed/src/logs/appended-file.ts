import {
  close,
  closeSync,
  constants,
  openSync,
  writeFile,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
// Not to wait for a reader where it is a pipe.
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;
// Characters: what a disk that is slow or gone may hold back in memory.
const LONGEST_QUEUE = 16 * 1024 * 1024;

const append = promisify(writeFile);
const closeFile = promisify(close);

/**
 * A file that is written to its end, or none. To lose a line is no reason to
 * fail: trouble is told when it begins, and nothing here throws.
 */
export class AppendedFile {
  private path: string | undefined;
  private file: number | undefined;
  private queue = '';
  private draining: Promise<void> | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isTroubled = false;

  /** @param tell is given what is wrong, as the rest of a sentence that begins with the file's name */
  constructor(private readonly tell: (trouble: string) => void) {}

  /**
   * Writes to `path` from now on, undefined for nowhere. The file is opened anew
   * also when its path is the same; where that fails, the one before goes on.
   */
  open(path: string | undefined): void {
    this.path = path;
    const before = this.file;
    try {
      this.file =
        path === undefined ? undefined : openSync(path, APPEND, 0o640);
    } catch (error) {
      this.tell(`cannot be opened: ${String(error)}`);
      return;
    }
    this.isTroubled = false;
    if (before !== undefined) {
      void this.writing.then(() => closeFile(before)).catch(this.onTrouble);
    }
  }

  /** For who has renamed the file. */
  reopen(): void {
    this.open(this.path);
  }

  /** Writes in the background, in the order of the calls. */
  write(text: string): void {
    if (this.file === undefined) return;
    if (this.queue.length + text.length > LONGEST_QUEUE) return;
    this.queue += text;
    this.draining ??= this.drain();
  }

  /** Writes before it returns: what is written is there whatever happens to the process next. */
  writeAtOnce(text: string): void {
    if (this.file === undefined) return;
    try {
      writeSync(this.file, text);
      this.isTroubled = false;
    } catch (error) {
      this.onTrouble(error);
    }
  }

  /** Writes what is queued and closes the file. */
  async close(): Promise<void> {
    await this.draining;
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private async drain(): Promise<void> {
    while (this.queue !== '' && this.file !== undefined) {
      const text = this.queue;
      this.queue = '';
      this.writing = append(this.file, text).then(
        () => void (this.isTroubled = false),
        this.onTrouble,
      );
      await this.writing;
    }
    this.draining = undefined;
  }

  private readonly onTrouble = (error: unknown): void => {
    if (!this.isTroubled) this.tell(`cannot be written: ${String(error)}`);
    this.isTroubled = true;
  };
}
