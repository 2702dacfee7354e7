import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  TransitionParticipant,
  type ConfMap,
  type TransitionCallbacks,
  type TransitionContext,
} from 'nestjs-transitions';
import { VolumeDirectory } from '../storage/index.js';

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
 * directory open and locked, so that no other process on the machine writes to
 * it; any other is only known.
 */
@Injectable()
@TransitionParticipant({
  order: 20,
  concurrency: 16,
  timeout: longestWaitMs + 5_000,
})
export class VolumeStore implements TransitionCallbacks {
  constructor(@Inject(LOCK_WAIT_MS) private readonly lockWaitMs: number) {}

  private readonly paths = new Map<string, string>();
  private readonly open = new Map<string, VolumeDirectory>();

  /** The directory of a volume that is served here. */
  directory(volumeName: string): VolumeDirectory | undefined {
    return this.open.get(volumeName);
  }

  /** Vetoes directories outside of the data root and two volumes in one, and a volume that would change its directory. */
  validate(confMap: ConfMap): void {
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
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  }

  volumeCreated(confMap: ConfMap, volume: string): void {
    this.paths.set(volume, directoryOf(confMap, volume));
  }

  volumeDestroyed(_confMap: ConfMap, volume: string): void {
    this.paths.delete(volume);
  }

  async serveVolume(
    _confMap: ConfMap,
    volume: string,
    { signal }: TransitionContext,
  ): Promise<void> {
    const path = this.paths.get(volume)!;
    await mkdir(path, { recursive: true });
    const { lockWaitMs } = this;
    const directory = await VolumeDirectory.open(path, { lockWaitMs, signal });
    this.open.set(volume, directory);
  }

  async unserveVolume(_confMap: ConfMap, volume: string): Promise<void> {
    await this.open.get(volume)?.close();
    this.open.delete(volume);
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

function dataRootOf(confMap: ConfMap): string {
  return resolve(confMap.getString('FileServer', 'DataRoot'));
}

/** `Directory` of the volume's section, or its name, inside of the data root. */
function directoryOf(confMap: ConfMap, volume: string): string {
  const name = confMap.getString(`Volume:${volume}`, 'Directory', volume);
  if (name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Error(
      `Volume:${volume}.Directory is ${name}; expected the name of a folder in FileServer.DataRoot`,
    );
  }
  return join(dataRootOf(confMap), name);
}
