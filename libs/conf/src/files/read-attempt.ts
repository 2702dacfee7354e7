import { dirname, isAbsolute, resolve } from 'node:path';
import type { Layout } from '../layout/layout.js';
import type { ConfLimits } from '../problems/conf-limits.js';
import { ConfParser } from '../parsing/conf-parser.js';
import { finishLayout } from '../parsing/parse-text.js';
import type { IncludeLine } from '../parsing/parser-stop.js';
import { charactersBetweenLooks, TimeSlice } from '../parsing/time-slice.js';
import { ConfFileError } from '../problems/conf-error.js';
import { quote } from '../problems/quote.js';
import { AllowedFolders } from './allowed-folders.js';
import type { FileRefusal } from './conf-file.js';
import {
  FileSnapshot,
  type LoadedFile,
  type LoadRules,
} from './file-snapshot.js';
import type { LoadOptions } from './load-options.js';

/** One attempt to read a configuration from its files. */
export class ReadAttempt {
  private readonly parser: ConfParser;
  private readonly snapshot: FileSnapshot;
  private folders!: AllowedFolders;
  private bytes = 0;
  private includes = 0;
  private readonly refusals: FileRefusal[] = [];

  constructor(
    private readonly path: string,
    private readonly limits: ConfLimits,
    private readonly options: LoadOptions,
    previous: Layout | undefined,
  ) {
    this.parser = new ConfParser(limits, previous);
    this.snapshot = new FileSnapshot(limits.lineLength, options.signal);
  }

  /**
   * Reads and parses everything, and keeps problems for `result`. Says whether
   * no file changed meanwhile.
   */
  async run(): Promise<boolean> {
    const { includeRoots } = this.options;
    this.folders = await AllowedFolders.of(this.path, includeRoots);
    try {
      await this.begin();
      await this.parse();
    } finally {
      await this.snapshot.close();
    }
    return this.snapshot.isSettled();
  }

  /** @throws ConfFileError or ConfSyntaxError if there were problems. */
  result(previous: Layout | undefined): Layout {
    const { flaw } = this.snapshot;
    if (this.refusals.length > 0 || flaw !== undefined) {
      const { all } = this.parser.problems;
      const causes = [...this.refusals, flaw].map((each) => each?.cause);
      const cause = causes.find((each) => each !== undefined);
      throw new ConfFileError('Unreadable configuration', all, cause);
    }
    return finishLayout(this.parser, this.snapshot.paths, previous);
  }

  private async begin(): Promise<void> {
    const rules = this.rules(
      () => undefined,
      () => true,
    );
    const path = resolve(this.path);
    const main = await this.snapshot.load(path, this.path, rules);
    if ('window' in main) return this.enter(main);
    this.refuse(this.path, undefined, main);
  }

  private async parse(): Promise<void> {
    const slice = new TimeSlice(this.options.signal);
    while (!this.snapshot.changed) {
      const stop = this.parser.advance(charactersBetweenLooks);
      if (stop === 'done') return;
      if (stop === 'needsMore') await this.parser.fetch();
      else if (typeof stop === 'object') await this.include(stop);
      await slice.pause();
    }
  }

  private async include(include: IncludeLine): Promise<void> {
    const { path, source, line } = include;
    const file = await this.loadInclude(include);
    const refused = 'window' in file ? this.misfit(file) : file;
    if (refused === undefined) return this.enter(file as LoadedFile);
    if ('window' in file) await file.window.close();
    const message = `cannot include ${quote(path)}: ${refused.message}`;
    this.refuse(source.path, line, { ...refused, message });
  }

  private async loadInclude({
    path,
    source,
  }: IncludeLine): Promise<LoadedFile | FileRefusal> {
    const exceeded = this.exceeded();
    if (exceeded !== undefined) return refusal(exceeded);
    const parent = this.snapshot.fileOf(source)?.absolute ?? '';
    const refuse = await this.folders.guard(parent);
    return this.snapshot.load(
      beside(parent, path),
      beside(source.path ?? '', path),
      this.rules(refuse, (real) => this.folders.mayQuote(real)),
    );
  }

  private rules(
    refuse: LoadRules['refuse'],
    mayQuote: LoadRules['mayQuote'],
  ): LoadRules {
    const maxBytes = Math.max(0, this.limits.bytes - this.bytes);
    return { maxBytes, refuse, mayQuote };
  }

  private enter(file: LoadedFile): void {
    this.bytes += file.size;
    this.parser.enter(file.source);
  }

  private exceeded(): string | undefined {
    const { includes, includeDepth } = this.limits;
    if (++this.includes > includes) {
      return `expected at most ${includes} includes (the option \`limits.includes\`)`;
    }
    if (this.parser.stack.length > includeDepth) {
      return `expected includes at most ${includeDepth} deep (the option \`limits.includeDepth\`)`;
    }
    return undefined;
  }

  /** Why a file that can be read cannot be included here. */
  private misfit({ real, size, source }: LoadedFile): FileRefusal | undefined {
    const { bytes } = this.limits;
    if (this.bytes + size > bytes) {
      return refusal(
        `expected at most ${bytes} bytes with all includes (the option \`limits.bytes\`)`,
      );
    }
    const open = this.parser.stack;
    const first = open.findIndex(
      (each) => this.snapshot.fileOf(each)?.real === real,
    );
    if (first < 0) return undefined;
    const chain = [...open.slice(first), source].map(({ path }) => path);
    return refusal(`it includes itself: ${chain.join(' -> ')}`);
  }

  private refuse(
    path: string | undefined,
    line: number | undefined,
    refused: FileRefusal,
  ): void {
    const { message } = refused;
    this.refusals.push(refused);
    const problem = line === undefined ? { message } : { line, message };
    this.parser.problems.add(path, problem);
  }
}

function refusal(message: string): FileRefusal {
  return { kind: 'refused', message };
}

/**
 * A path relative to the folder of a file. It keeps `..`, because links may
 * lead elsewhere than the names say.
 */
function beside(file: string, path: string): string {
  if (isAbsolute(path)) return path;
  const plain = path.replace(/^(?:\.\/)+/, '');
  const folder = dirname(file);
  if (folder === '.' && !file.startsWith('./')) return plain;
  return folder.endsWith('/') ? folder + plain : `${folder}/${plain}`;
}
