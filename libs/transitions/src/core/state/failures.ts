import type { Deviation, Excused } from '../plan/deviation.js';
import type { TransitionFailure } from '../report/failure.js';
import type { SlicedWork } from '../time/slices.js';

/** What is set aside now, in the order in which it was set aside. */
export class Failures {
  private readonly volumes = new Map<string, TransitionFailure>();
  private readonly groups = new Map<string, TransitionFailure>();
  /** See {@link isFalling}. */
  private readonly falling = new Set<string>();

  /** Groups come before volumes. */
  get list(): readonly TransitionFailure[] {
    return [...this.groups.values(), ...this.volumes.values()];
  }

  get isEmpty(): boolean {
    return this.volumes.size === 0 && this.groups.size === 0;
  }

  /** The names of everything that is set aside, whatever is held of it. */
  get all(): Excused {
    return {
      volumes: new Set(this.volumes.keys()),
      groups: new Set(this.groups.keys()),
    };
  }

  /**
   * Whether a volume failed while it was served, and not all participants have
   * let go of it. It is not served again before they have.
   */
  isFalling(volumeName: string): boolean {
    return this.falling.has(volumeName);
  }

  /** Whether there is such a volume. */
  get hasFalling(): boolean {
    return this.falling.size > 0;
  }

  /** A volume failed while it was served. */
  addFalling(failure: TransitionFailure & { readonly volume: string }): void {
    this.add(failure);
    this.falling.add(failure.volume);
  }

  /** Takes volumes as let go of, but for some: a newer configuration serves them from what is held. */
  endFalling(except: ReadonlySet<string>): void {
    for (const name of this.falling) {
      if (!except.has(name)) this.falling.delete(name);
    }
  }

  add(failure: TransitionFailure): void {
    const { volume, group } = failure;
    if (volume !== undefined) this.volumes.set(volume, failure);
    else if (group !== undefined) this.groups.set(group, failure);
  }

  /** Adds many, as work that can be sliced. */
  *adding(failures: Iterable<TransitionFailure>): SlicedWork<void> {
    let added = 0;
    for (const failure of failures) {
      if (++added % 256 === 0) yield;
      this.add(failure);
    }
  }

  forgetVolume(name: string): void {
    this.volumes.delete(name);
    this.falling.delete(name);
  }

  forgetGroup(name: string): void {
    this.groups.delete(name);
  }

  /** Forgets what another generation than this has set aside, but for what is still falling. */
  keepOf(generation: number): void {
    for (const set of [this.volumes, this.groups]) {
      for (const [name, failure] of set) {
        if (failure.generation === generation) continue;
        if (set === this.groups || !this.falling.has(name)) set.delete(name);
      }
    }
  }

  /** Forgets what no longer differs from what is wanted; of what is falling only once nobody serves it. As work that can be sliced. */
  *keepingDeviating(deviation: Deviation): SlicedWork<void> {
    let names = 0;
    for (const name of this.falling) {
      if (!deviation.isServed(name)) this.falling.delete(name);
    }
    for (const name of this.volumes.keys()) {
      if (++names % 256 === 0) yield;
      if (this.falling.has(name) || deviation.concernsVolume(name)) continue;
      this.volumes.delete(name);
    }
    for (const name of this.groups.keys()) {
      if (!deviation.concernsGroup(name)) this.groups.delete(name);
    }
  }
}
