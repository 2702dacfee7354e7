import type { Deviation, Excused } from '../plan/deviation.js';
import type { TransitionFailure } from '../report/failure.js';

/** What is set aside now, in the order in which it was set aside. */
export class Failures {
  private readonly volumes = new Map<string, TransitionFailure>();
  private readonly groups = new Map<string, TransitionFailure>();

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

  add(failure: TransitionFailure): void {
    const { volume, group } = failure;
    if (volume !== undefined) this.volumes.set(volume, failure);
    else if (group !== undefined) this.groups.set(group, failure);
  }

  forgetVolume(name: string): void {
    this.volumes.delete(name);
  }

  forgetGroup(name: string): void {
    this.groups.delete(name);
  }

  /** Forgets what another generation than this has set aside. */
  keepOf(generation: number): void {
    for (const set of [this.volumes, this.groups]) {
      for (const [name, failure] of set) {
        if (failure.generation !== generation) set.delete(name);
      }
    }
  }

  /** Forgets what no longer differs from what is wanted. */
  keepDeviating(deviation: Deviation): void {
    for (const name of this.volumes.keys()) {
      if (!deviation.concernsVolume(name)) this.volumes.delete(name);
    }
    for (const name of this.groups.keys()) {
      if (!deviation.concernsGroup(name)) this.groups.delete(name);
    }
  }
}
