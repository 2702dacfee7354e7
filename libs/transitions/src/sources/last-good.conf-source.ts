import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';
import {
  flag,
  problemsOfOptions,
  type ValueKind,
} from '../checks/value-kinds.js';
import { TransitionsOptionsError } from '../checks/transitions-options-error.js';
import type { StandIn } from '../core/configuration/stale.js';
import type { ConfSource } from './conf-source.js';
import { readHeader, readKept, writeKept } from './kept-file.js';
import { LastGoodError } from './last-good-error.js';

/** How a last good configuration is used. */
export interface LastGoodOptions {
  /**
   * Go on with it though nothing tells whether another peer serves these volumes
   * by now. Without leases there is no other way. Default false.
   */
  readonly allowStale?: boolean;
}

const optionKinds = {
  allowStale: flag,
} satisfies Record<keyof LastGoodOptions, ValueKind>;

/**
 * A source that boots with the last good configuration where its own cannot be
 * loaded, or is refused. Each configuration that comes into force is kept in a
 * file: durably, readable by its owner alone, and with a checksum. The folder must
 * be there.
 *
 * While the configuration in force is the kept one, snapshot, reports and log say
 * so (`stale`). The next reload with a good configuration ends it. A file of
 * another peer, by its `Cluster.WhoAmI`, is neither used nor replaced; if nothing
 * says who this peer is, because not even an override names it, the file is taken
 * to be its own. If a configuration cannot be kept, its report has a warning.
 *
 * @throws TransitionsOptionsError for options that make no sense.
 */
export function lastGoodConfSource(
  source: ConfSource,
  path: string,
  options: LastGoodOptions = {},
): ConfSource {
  const problems = [
    ...(typeof source?.load === 'function'
      ? []
      : ['expected a ConfSource, such as fileConfSource(path)']),
    ...(typeof path === 'string' && path !== ''
      ? []
      : ['expected the path of the file to keep']),
    ...problemsOfOptions(options, optionKinds),
  ];
  if (problems.length > 0) {
    throw new TransitionsOptionsError(problems, `lastGoodConfSource(${path})`);
  }
  return new LastGoodConfSource(source, resolve(path), options);
}

/** Which file holds which configuration. */
interface Kept {
  readonly confMap: ConfMap;
  readonly stamp: string;
}

/** Made by {@link lastGoodConfSource}. */
export class LastGoodConfSource implements ConfSource {
  readonly allowsStale: boolean;
  /** What was loaded last tells who this peer is, even if it is refused. */
  private loaded: ConfMap | undefined;
  private kept: Kept | undefined;
  private keeping: Promise<void> = Promise.resolve();

  constructor(
    readonly inner: ConfSource,
    private readonly path: string,
    { allowStale = false }: LastGoodOptions,
  ) {
    this.allowsStale = allowStale;
  }

  get changes$(): Observable<string> | undefined {
    return this.inner.changes$;
  }

  get whoAmI(): string | undefined {
    return (
      this.inner.whoAmI ??
      (this.loaded === undefined ? undefined : whoAmIOf(this.loaded))
    );
  }

  describe(): string {
    return this.inner.describe();
  }

  async load(signal: AbortSignal, previous?: ConfMap): Promise<ConfMap> {
    this.loaded = undefined;
    return (this.loaded = await this.inner.load(signal, previous));
  }

  async fallBack(signal: AbortSignal): Promise<StandIn> {
    const { path, whoAmI } = this;
    const { confMap, header } = await readKept(path, signal);
    const peer = whoAmIOf(confMap) ?? 'nobody';
    if (whoAmI !== undefined && whoAmI !== peer)
      throw foreign(path, peer, whoAmI);
    const origin = `the last good one, which came into force at ${header.since}, in ${path}`;
    return { confMap, origin };
  }

  async inForce(confMap: ConfMap, signal: AbortSignal): Promise<void> {
    await this.inner.inForce?.(confMap, signal);
    // One that was given up may still be at it.
    const keeping = this.keeping.then(() => this.keep(confMap, signal));
    this.keeping = keeping.catch(() => {});
    await keeping;
  }

  private async keep(confMap: ConfMap, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { path, kept } = this;
    if (kept?.confMap === confMap && kept.stamp === (await stampOf(path)))
      return;
    const peer = whoAmIOf(confMap) ?? '';
    try {
      const before = await readHeader(path);
      if (before !== undefined && before.peer !== peer) {
        throw foreign(path, before.peer, peer);
      }
      const since = new Date().toISOString();
      const header = { peer, source: this.describe(), since };
      await writeKept(path, confMap, header, signal);
    } catch (cause) {
      const message = `it could not be kept as the last good one in ${path}, where a restart would find an older one or none: ${String(cause)}`;
      throw new Error(message, { cause });
    }
    this.kept = { confMap, stamp: await stampOf(path) };
  }
}

function whoAmIOf(confMap: ConfMap): string | undefined {
  return confMap.section('Cluster')?.get('WhoAmI')?.[0];
}

function foreign(path: string, peer: string, whoAmI: string): LastGoodError {
  return new LastGoodError(
    'foreign',
    path,
    `${path} has the last good configuration of peer ${peer}, and this is ${whoAmI}; give each peer a file of its own, or remove it if this peer has another name now`,
  );
}

/** Empty for a file that is not there. */
async function stampOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return '';
  return [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ');
}
