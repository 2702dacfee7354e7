import { resolve } from 'node:path';
import { ConfMap } from '@nestjs-transitions/conf';
import { defer, type Observable } from 'rxjs';
import type { ConfSource } from './conf-source.js';
import { watchFiles } from './file-watcher.js';

/** How a configuration file is read. */
export interface FileConfSourceOptions {
  /** `Section.Option=value, value`: replaces what the file says. */
  readonly overrides?: readonly string[];
  /** Reload when the file, or one that it includes, changes. Default false. */
  readonly watch?: boolean;
}

/**
 * A .conf file with all that it includes, read as one snapshot. Sections that
 * are as they were at the last load are neither parsed nor compared again.
 *
 * With `watch` a change to any of the files is seen however it is made: in
 * place, by a rename over the file as editors do it, or by the swapped symbolic
 * link of a Kubernetes ConfigMap.
 */
export function fileConfSource(
  path: string,
  options: FileConfSourceOptions = {},
): ConfSource {
  return new FileConfSource(resolve(path), options);
}

class FileConfSource implements ConfSource {
  private last: ConfMap | undefined;
  readonly changes$?: Observable<string>;

  constructor(
    private readonly path: string,
    private readonly options: FileConfSourceOptions,
  ) {
    if (options.watch) {
      this.changes$ = defer(() =>
        watchFiles(() => this.last?.files ?? [this.path]),
      );
    }
  }

  async load(signal: AbortSignal): Promise<ConfMap> {
    const { last: previous } = this;
    const read = await ConfMap.fromFile(this.path, {
      signal,
      ...(previous === undefined ? {} : { previous }),
    });
    this.last = read;
    return read.withOverrides(this.options.overrides ?? []);
  }

  describe(): string {
    return `file ${this.path}`;
  }
}
