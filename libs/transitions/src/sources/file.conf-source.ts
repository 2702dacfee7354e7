import { resolve } from 'node:path';
import { ConfError, ConfMap, type LoadOptions } from '@nestjs-transitions/conf';
import { defer, Subject, type Observable } from 'rxjs';
import {
  flagOrObject,
  listOf,
  plainObject,
  problemsOfOptions,
  type ValueKind,
} from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import type { ConfSource } from './conf-source.js';
import { FileDigests } from './file-digest.js';
import {
  watchFiles,
  watchOptionKinds,
  type WatchOptions,
} from './file-watcher.js';

/** How a configuration file is read: as `ConfMap.fromFile` reads it, and more. */
export interface FileConfSourceOptions extends Omit<LoadOptions, 'signal'> {
  /** `Section.Option=value, value`: replaces what the file says. */
  readonly overrides?: readonly string[];
  /** Reload when the file, or one that it includes, changes. Default false. */
  readonly watch?: boolean | WatchOptions;
}

/**
 * A .conf file with all that it includes, read as one snapshot. Sections that
 * are as they were at the last load are neither parsed nor compared again.
 *
 * With `watch` a change to any of the files is seen however it is made: in
 * place, by a rename over the file as editors do it, or by the swapped symbolic
 * link of a Kubernetes ConfigMap (not where it is mounted by `subPath`: such a
 * file never changes). A file that is gone or broken is a rejected
 * reload: the configuration in force stays.
 *
 * @throws TransitionsOptionsError for options that make no sense.
 */
export function fileConfSource(
  path: string,
  options: FileConfSourceOptions = {},
): ConfSource {
  const problems = problemsOf(path, options);
  if (problems.length > 0) {
    throw new TransitionsOptionsError(problems, `fileConfSource(${path})`);
  }
  return new FileConfSource(resolve(path), options);
}

const optionKinds = {
  overrides: listOf('Section.Option=value'),
  watch: flagOrObject,
  limits: plainObject,
  includeRoots: listOf('path of a folder'),
} satisfies Record<keyof FileConfSourceOptions, ValueKind>;

function problemsOf(path: unknown, options: FileConfSourceOptions): string[] {
  const { watch } = options;
  return [
    ...(typeof path === 'string' && path !== ''
      ? []
      : ['expected the path of a .conf file']),
    ...problemsOfOptions(options, optionKinds),
    ...(typeof watch === 'object'
      ? problemsOfOptions(watch, watchOptionKinds)
      : []),
  ];
}

// How often a file may change during the first load before it is taken as it is.
const longestFirstLoad = 10;

class FileConfSource implements ConfSource {
  private last: ConfMap | undefined;
  /** Of the files at the first load: a change since then is a change, even when nobody watched yet. */
  private firstDigest: string | undefined;
  /** Those that the last load could not use. */
  private failedFiles: readonly string[] = [];
  private readonly reread$ = new Subject<void>();
  readonly changes$?: Observable<string>;

  private readonly overrides: readonly string[];
  private readonly loadOptions: LoadOptions;

  constructor(
    private readonly path: string,
    { overrides = [], watch, ...loadOptions }: FileConfSourceOptions,
  ) {
    this.overrides = overrides;
    this.loadOptions = loadOptions;
    if (watch !== undefined && watch !== false) {
      this.changes$ = defer(() =>
        watchFiles(
          {
            files: () => [
              ...new Set([
                ...(this.last?.files ?? [this.path]),
                ...this.failedFiles,
              ]),
            ],
            digest: this.firstDigest,
            reread$: this.reread$,
          },
          watch === true ? {} : watch,
        ),
      );
    }
  }

  async load(signal: AbortSignal): Promise<ConfMap> {
    const isFirst = this.changes$ !== undefined && this.last === undefined;
    const read = isFirst
      ? await this.firstRead(signal)
      : await this.read(signal);
    return read.withOverrides(this.overrides);
  }

  describe(): string {
    return `file ${this.path}`;
  }

  get whoAmI(): string | undefined {
    const empty = ConfMap.fromObject({}).withOverrides(this.overrides);
    const [whoAmI, ...more] = empty.section('Cluster')?.get('WhoAmI') ?? [];
    return more.length === 0 ? whoAmI : undefined;
  }

  private async read(signal: AbortSignal): Promise<ConfMap> {
    const { last: previous } = this;
    let read;
    try {
      read = await ConfMap.fromFile(this.path, {
        ...this.loadOptions,
        signal,
        ...(previous === undefined ? {} : { previous }),
      });
    } catch (thrown) {
      this.noteFailure(thrown);
      throw thrown;
    }
    this.last = read;
    this.failedFiles = [];
    // What it includes may be other files now.
    if (read !== previous) this.reread$.next();
    return read;
  }

  /** A file that is mended must be seen, even if none could be read yet. */
  private noteFailure(thrown: unknown): void {
    if (this.last === undefined) this.firstDigest = 'none';
    if (!(thrown instanceof ConfError)) return;
    const paths = thrown.problems.flatMap(({ path }) =>
      path === undefined ? [] : [resolve(path)],
    );
    this.failedFiles = [...new Set(paths)];
    this.reread$.next();
  }

  /** Reads until the same is read before and after the digest was made. */
  private async firstRead(signal: AbortSignal): Promise<ConfMap> {
    let read = await this.read(signal);
    for (let time = 0; time < longestFirstLoad; time++) {
      const digest = await new FileDigests().of(read.files);
      const again = await this.read(signal);
      this.firstDigest = again === read ? digest : 'none';
      if (again === read) break;
      read = again;
    }
    return read;
  }
}
