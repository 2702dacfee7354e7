import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
  type TransitionContext,
  TransitionsService,
} from 'nestjs-transitions';
import {
  errnoOf,
  type VolumeBrokenError,
  VolumeDirectory,
} from '../storage/index.js';
import { isFolderName } from '../options/folder-name.js';
import { fileServer, optionError } from '../options/option.js';

/** Injects how long to wait for the lock of a directory, in milliseconds; see `lockWaitFor`. */
export const LOCK_WAIT_MS = Symbol('LOCK_WAIT_MS');

// How much later than we the peer that had a volume may hear of the move, and
// how long it may take to let go beside its drain timeout.
const lateMs = 15_000;
// The library takes no drain timeout of a minute or more.
const longestWaitMs = lockWaitFor(60_000);

/** How long to wait for a peer that lets the requests in its volumes go on for `drainTimeout` milliseconds. */
export function lockWaitFor(drainTimeout: number): number {
  return drainTimeout + lateMs;
}

/**
 * The directories of the volumes. A volume that is served here has its
 * directory open; any other is only known. Without leases the directory is locked, so
 * that no other process on the machine writes to it. With them the token of the
 * lease is in it, and former holders cannot write.
 */
@Injectable()
@TransitionParticipant({
  order: 20,
  concurrency: 16,
  timeout: longestWaitMs + 5_000,
})
export class VolumeStore implements TransitionCallbacks {
  private readonly logger = new Logger(VolumeStore.name);
  private readonly paths = new Map<string, string>();
  private readonly open = new Map<string, VolumeDirectory>();
  /** The volumes that broke here: their directories are waited for, and not made anew. */
  private readonly broken = new Set<string>();

  constructor(
    @Inject(LOCK_WAIT_MS) private readonly lockWaitMs: number,
    @Inject(TransitionsService)
    private readonly transitions: Pick<TransitionsService, 'fail'>,
  ) {}

  /** The directory of a volume that is served here. */
  directory(volumeName: string): VolumeDirectory | undefined {
    return this.open.get(volumeName);
  }

  /** The fencing token of each volume that is served here; none without leases. */
  get tokens(): Readonly<Record<string, string>> {
    const tokens: Record<string, string> = {};
    for (const [volume, { token }] of this.open) {
      if (token !== undefined) tokens[volume] = `${token}`;
    }
    return tokens;
  }

  /**
   * Vetoes a data root that cannot be used, directories outside of it, two
   * volumes in one, and a volume that would change its directory.
   */
  async validate(confMap: ConfMap): Promise<void> {
    await assertDataRoot(confMap);
    const seen = new Map<string, string>();
    for (const volume of volumesOf(confMap)) {
      const path = directoryOf(confMap, volume);
      const twin = seen.get(path);
      if (twin !== undefined) {
        throw new Error(`volumes ${twin} and ${volume} share ${path}`);
      }
      seen.set(path, volume);
      const before = this.paths.get(volume);
      if (before === undefined || before === path) continue;
      throw new Error(
        `volume ${volume} would change its directory from ${before} to ${path}; give the new one another name`,
      );
    }
  }

  async up(confMap: ConfMap): Promise<void> {
    const root = dataRootOf(confMap);
    await mkdir(root, { recursive: true });
    await accessFolder(root);
  }

  volumeCreated(confMap: ConfMap, volume: string): void {
    this.paths.set(volume, directoryOf(confMap, volume));
  }

  volumeDestroyed(_confMap: ConfMap, volume: string): void {
    this.paths.delete(volume);
    this.broken.delete(volume);
  }

  async serveVolume(
    _confMap: ConfMap,
    volume: string,
    { signal, fencingToken: token }: TransitionContext,
  ): Promise<void> {
    const path = this.paths.get(volume)!;
    // An empty one in its place would say that nothing is stored.
    if (!this.broken.has(volume)) await mkdir(path, { recursive: true });
    const { lockWaitMs } = this;
    const directory = await VolumeDirectory.open(path, {
      token,
      lockWaitMs,
      signal,
      onBroken: (error) => this.fail(volume, error),
    });
    this.open.set(volume, directory);
    this.broken.delete(volume);
  }

  async unserveVolume(_confMap: ConfMap, volume: string): Promise<void> {
    await this.open.get(volume)?.close();
    this.open.delete(volume);
  }

  /** A request has found it broken: nobody gets in any more, until it is mended. */
  private fail(volume: string, error: VolumeBrokenError): void {
    this.broken.add(volume);
    this.transitions.fail(volume, error).catch((thrown: unknown) => {
      // It has left meanwhile, as a rule.
      this.logger.debug(`Volume ${volume}: ${String(thrown)}`);
    });
  }

  down(): void {
    if (this.open.size === 0) return;
    throw new Error(`still open: ${[...this.open.keys()].join(', ')}`);
  }
}

function volumesOf(confMap: ConfMap): string[] {
  return confMap
    .getStrings('FSGlobals', 'VolumeGroupList')
    .flatMap((group) =>
      confMap.getStrings(`VolumeGroup:${group}`, 'VolumeList'),
    );
}

const dataRoot = [fileServer, 'DataRoot'] as const;

function dataRootOf(confMap: ConfMap): string {
  return resolve(confMap.getString(...dataRoot));
}

/** It, or where it is still to be made the folder above it, must take new entries. Makes nothing. */
async function assertDataRoot(confMap: ConfMap): Promise<void> {
  const root = dataRootOf(confMap);
  for (let folder = root; ; folder = dirname(folder)) {
    try {
      await accessFolder(folder);
      return;
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') continue;
      const problem = `is ${root}, which cannot be used: ${String(cause)}; expected a folder that this process may write to`;
      throw optionError(confMap, dataRoot, problem, cause);
    }
  }
}

async function accessFolder(path: string): Promise<void> {
  const { R_OK, W_OK, X_OK } = constants;
  // With the slash a file in its place is ENOTDIR.
  await access(`${path}/`, R_OK | W_OK | X_OK);
}

/** `Directory` of the volume's section, or its name, inside of the data root. */
function directoryOf(confMap: ConfMap, volume: string): string {
  const name = confMap.getString(`Volume:${volume}`, 'Directory', volume);
  // A volume's own name, that is: the schema has checked what is written.
  if (!isFolderName(name)) {
    const problem = `is ${name}; expected the name of a folder in FileServer.DataRoot`;
    throw optionError(confMap, [`Volume:${volume}`, 'Directory'], problem);
  }
  return join(dataRootOf(confMap), name);
}
