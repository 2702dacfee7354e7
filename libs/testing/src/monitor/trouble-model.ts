import type {
  TransitionFailure,
  TransitionReport,
  TransitionsSnapshot,
} from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';
import type { ParticipantModel } from './participant-model.js';
import type { ResetScope } from './reset-scope.js';
import { namesOf, type Names } from './set-aside.js';

type Started = Pick<TransitionReport, 'kind' | 'reason'>;

/** A transition that comes by itself, or because a volume failed: nobody is told that it begins, or ends. */
export type SmallTransition =
  | { readonly kind: 'fail'; readonly volume: string }
  /** With what was set aside, as far as that was told. */
  | { readonly kind: 'retry'; readonly aside: Names }
  /** Leases were lost, or what was waited for is free. */
  | { readonly kind: 'lost' | 'free' };

/** What a monitor knows of volumes that failed, and of what is tried again. */
export class TroubleModel {
  /** The volumes that failed while they were served, until nobody serves them. */
  readonly failing = new Set<string>();
  /** Those of them whose participants have not been told. */
  private readonly untold = new Set<string>();
  /** Those that a reset may have been about, until a snapshot tells. */
  private readonly doubtful = new Set<string>();
  private aside: readonly TransitionFailure[] = [];
  /** The last configuration that was offered did not come into force. */
  isRefused = false;

  failed(volume: string): void {
    this.failing.add(volume);
    this.untold.add(volume);
  }

  /** A reload begins to change something: it serves from what is held, but for what is unknown. */
  offered(unknown: readonly Call[]): void {
    for (const name of this.failing) {
      const isUnknown = unknown.some(
        ({ target, callback }) =>
          target === name && !callback.startsWith('volumeGroup'),
      );
      if (!isUnknown && !this.untold.has(name)) this.failing.delete(name);
    }
  }

  /** What a transition is, by what it was begun for; undefined for one that is asked for. */
  smallOf({ kind, reason }: Started): SmallTransition | undefined {
    if (kind === 'lost') return { kind };
    if (reason.startsWith('free ')) return { kind: 'free' };
    const [, volume] = /^fail (\S+)$/.exec(reason) ?? [];
    if (volume !== undefined) {
      this.untold.delete(volume);
      return { kind: 'fail', volume };
    }
    if (!/^retry (?!of )/.test(reason)) return undefined;
    const { volumes, groups } = namesOf(this.aside);
    return {
      kind: 'retry',
      aside: { volumes: new Set([...volumes, ...this.failing]), groups },
    };
  }

  /** A reset begins: what it is about is served again, whatever it was. */
  reset({ volumes, isVague }: ResetScope): void {
    for (const name of this.failing) {
      const isMeant = isVague || volumes.has(name);
      if (!isMeant || this.untold.has(name)) continue;
      this.failing.delete(name);
      if (!volumes.has(name)) this.doubtful.add(name);
    }
  }

  /** A reset forgets what was set aside, so what still is was not reset. */
  resolveDoubts({ failed }: Pick<TransitionsSnapshot, 'failed'>): void {
    const { volumes } = namesOf(failed);
    for (const name of this.doubtful) {
      if (volumes.has(name)) this.failing.add(name);
    }
    this.doubtful.clear();
  }

  /** Whether a volume is failing, for all that is known. */
  mayFail(name: string): boolean {
    return this.failing.has(name) || this.doubtful.has(name);
  }

  /** A transition has ended. Of what is set aside only those tell that brought something into force. */
  ended(
    { configuration, failed, kind }: TransitionReport,
    models: readonly ParticipantModel[],
    isOffer: boolean,
  ): void {
    if (configuration === 'new') this.aside = failed;
    if (isOffer) this.isRefused = configuration === 'old';
    if (kind === 'down') this.failing.clear();
    this.letGo(models);
  }

  /** What all have let go of by now, also where the last one did so late, may be served again. */
  letGo(models: readonly ParticipantModel[]): void {
    for (const name of this.failing) {
      const isServed = models.some(
        (model) =>
          model.has('serveVolume', 'unserveVolume') && model.serves(name),
      );
      if (!isServed && !this.untold.has(name)) this.failing.delete(name);
    }
  }
}
