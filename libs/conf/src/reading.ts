import { dirname, isAbsolute, resolve } from 'node:path';
import { ConfFileError } from './errors.js';
import { Folders } from './folders.js';
import type { Layout } from './layout.js';
import type { ConfLimits } from './limits.js';
import { finish } from './parse.js';
import { ConfParser, type IncludeLine } from './parser.js';
import { TimeSlice } from './pause.js';
import { quote, type ConfProblem } from './problem.js';
import { Snapshot, type LoadedFile, type LoadRules } from './snapshot.js';

/** How files are read. */
export interface LoadOptions {
  /** Stops reading; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<ConfLimits>;
  /**
   * The folders that included files must be in, after all symbolic links are followed. Default: that
   * of the main file, and for each file the one above its own (but never the root of the file system), so that
   * `.include ../other/file.conf` works.
   * `['/']` allows all, `[]` none.
   */
  readonly includeRoots?: readonly string[];
}

/** How long parsing may hold the event loop, in milliseconds, and how often it looks at the clock, in characters. */
const SLICE = 6;
const BUDGET = 64 * 1024;

/** One attempt at reading a configuration from its files. */
export class Reading {
  readonly #path: string;
  readonly #limits: ConfLimits;
  readonly #options: LoadOptions;
  readonly #parser: ConfParser;
  readonly #snapshot: Snapshot;
  #folders!: Folders;
  #bytes = 0;
  #includes = 0;
  #fileProblems = 0;

  constructor(
    path: string,
    limits: ConfLimits,
    options: LoadOptions,
    previous: Layout | undefined,
  ) {
    this.#path = path;
    this.#limits = limits;
    this.#options = options;
    this.#parser = new ConfParser(limits, previous);
    this.#snapshot = new Snapshot(limits.lineLength, options.signal);
  }

  /** Reads and parses everything, keeping problems for `result`; says whether the files stood still meanwhile. */
  async run(): Promise<boolean> {
    this.#folders = await Folders.of(this.#path, this.#options.includeRoots);
    try {
      await this.#begin();
      await this.#parse();
    } finally {
      await this.#snapshot.close();
    }
    return this.#snapshot.isSettled();
  }

  /** @throws ConfFileError or ConfSyntaxError if there were problems. */
  result(previous: Layout | undefined): Layout {
    if (this.#fileProblems > 0 || this.#snapshot.isFlawed) {
      const { all } = this.#parser.problems;
      throw new ConfFileError('Unreadable configuration', all);
    }
    return finish(this.#parser, this.#snapshot.paths, previous);
  }

  async #begin(): Promise<void> {
    const rules = this.#rules(
      () => undefined,
      () => true,
    );
    const path = resolve(this.#path);
    const main = await this.#snapshot.load(path, this.#path, rules);
    if ('problem' in main) this.#refuse(this.#path, main.problem);
    else this.#enter(main);
  }

  async #parse(): Promise<void> {
    const slice = new TimeSlice(SLICE, this.#options.signal);
    while (!this.#snapshot.changed) {
      const step = this.#parser.advance(BUDGET);
      if (step === 'done') return;
      if (step === 'hungry') await this.#parser.fetch();
      else if (typeof step === 'object') await this.#include(step);
      if (slice.isOver) await slice.next();
    }
  }

  async #include(include: IncludeLine): Promise<void> {
    const { path, source, line } = include;
    const file = await this.#loadInclude(include);
    const problem = 'problem' in file ? file.problem : this.#misfit(file);
    if (problem === undefined) return this.#enter(file as LoadedFile);
    if ('window' in file) await file.window.close();
    const message =
      problem.path === undefined
        ? `cannot include ${quote(path)}: ${problem.message}`
        : problem.message;
    this.#refuse(source.path, { line, ...problem, message });
  }

  async #loadInclude({
    path,
    source,
  }: IncludeLine): Promise<LoadedFile | { readonly problem: ConfProblem }> {
    const exceeded = this.#exceeded();
    if (exceeded !== undefined) return { problem: { message: exceeded } };
    const parent = this.#snapshot.fileOf(source)?.absolute ?? '';
    const refuse = await this.#folders.guard(parent);
    return this.#snapshot.load(
      beside(parent, path),
      beside(source.path ?? '', path),
      this.#rules(refuse, (real) => this.#folders.mayQuote(real)),
    );
  }

  #rules(
    refuse: LoadRules['refuse'],
    mayQuote: LoadRules['mayQuote'],
  ): LoadRules {
    const maxBytes = Math.max(0, this.#limits.bytes - this.#bytes);
    return { maxBytes, refuse, mayQuote };
  }

  #enter(file: LoadedFile): void {
    this.#bytes += file.size;
    this.#parser.enter(file.source);
  }

  #exceeded(): string | undefined {
    const { includes, includeDepth } = this.#limits;
    if (++this.#includes > includes) {
      return `expected at most ${includes} includes (the limit \`includes\`)`;
    }
    if (this.#parser.stack.length > includeDepth) {
      return `expected includes at most ${includeDepth} deep (the limit \`includeDepth\`)`;
    }
    return undefined;
  }

  /** Why a file that can be read cannot be included here. */
  #misfit({ real, size, source }: LoadedFile): ConfProblem | undefined {
    const { bytes } = this.#limits;
    if (this.#bytes + size > bytes) {
      const message = `expected at most ${bytes} bytes with all includes (the limit \`bytes\`)`;
      return { message };
    }
    const open = this.#parser.stack;
    const first = open.findIndex(
      (each) => this.#snapshot.fileOf(each)?.real === real,
    );
    if (first < 0) return undefined;
    const chain = [...open.slice(first), source].map(({ path }) => path);
    return { message: `it includes itself: ${chain.join(' -> ')}` };
  }

  #refuse(path: string | undefined, problem: ConfProblem): void {
    this.#fileProblems++;
    this.#parser.problems.add(path, problem);
  }
}

/** A path relative to the folder of a file. It keeps `..`, which links may lead elsewhere than the name says. */
function beside(file: string, path: string): string {
  if (isAbsolute(path)) return path;
  const plain = path.replace(/^(?:\.\/)+/, '');
  const folder = dirname(file);
  if (folder === '.' && !file.startsWith('./')) return plain;
  return folder.endsWith('/') ? folder + plain : `${folder}/${plain}`;
}
