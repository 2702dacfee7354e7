import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConfMap } from '@nestjs-transitions/conf';
import type { Observable } from 'rxjs';
import type { LoadRequest } from './core/configuration/loading.js';
import { TransitionStateError } from './core/model/errors.js';
import type { TransitionCallbacks } from './core/model/callbacks.js';
import { DownError } from './core/report/report-errors.js';
import type { TransitionEvent } from './core/report/events.js';
import type { ReloadRequest } from './core/transition/job-queue.js';
import type { ResetTarget } from './core/transition/reset.js';
import type { ParticipantOptions } from './core/model/participant.js';
import type { TransitionReport } from './core/report/report.js';
import type { TransitionsSnapshot } from './core/state/snapshot.js';
import type { TransitionPlan } from './core/transition/plan-description.js';
import { succeeded } from './core/report/report-errors.js';
import { TransitionsRuntime } from './transitions.runtime.js';

/**
 * Drives transitions and tells about them. The module itself calls `up` when
 * the application boots and `down` when it shuts down; `ReloadService` is the
 * usual way to a reload.
 */
export class TransitionsService {
  /** Everything that happens. Never errors; a listener that throws changes nothing. */
  readonly events$: Observable<TransitionEvent>;

  constructor(private readonly runtime: TransitionsRuntime) {
    this.events$ = runtime.events.events$;
  }

  /**
   * Adds a participant that is no provider. Among equal orders those registered
   * come before those found.
   *
   * @throws TransitionStateError after up or down.
   */
  register(
    name: string,
    callbacks: TransitionCallbacks,
    options?: ParticipantOptions,
  ): void {
    this.runtime.register(name, callbacks, options);
  }

  /**
   * Brings everything up, with the source's configuration where none is given.
   *
   * @throws TransitionFailedError when the configuration did not come into
   * force; what had been done is rolled back then.
   * @throws TransitionStateError the second time, and after down.
   */
  async up(confMap?: ConfMap): Promise<TransitionReport> {
    return succeeded(await this.runtime.up(this.bootRequest(confMap)));
  }

  /**
   * Brings a configuration into force, after what runs now.
   *
   * @throws TransitionFailedError when it did not come into force.
   * @throws ReentrantTransitionError inside a callback.
   */
  async signaled(confMap: ConfMap): Promise<TransitionReport> {
    return succeeded(
      await this.runtime.signaled(
        { ...this.given(confMap), reason: 'signaled()' },
        'signaled()',
      ),
    );
  }

  /**
   * Takes everything down; pre-empts what runs. Every call gets the first one's
   * outcome.
   *
   * @throws DownError, after it has finished, with all that went wrong.
   * @throws ReentrantTransitionError inside a callback, which it would wait for.
   */
  async down(): Promise<TransitionReport> {
    this.runtime.refuseDownInside();
    const report = await this.runtime.down('down()');
    if (report.outcome !== 'applied') throw new DownError(report);
    return report;
  }

  /**
   * What a configuration would do now: plain data. Asks no participant and no
   * schema; `ReloadService.dryRun` does.
   *
   * @throws ConfigurationError with all problems.
   */
  plan(confMap: ConfMap): TransitionPlan {
    return this.runtime.plan(confMap);
  }

  /** The configuration in force, in today's form; undefined before up is done. */
  get confMap(): ConfMap | undefined {
    return this.runtime.configuration?.confMap;
  }

  /**
   * The options of a section as its schema (`schemas` of the module's options) made
   * them. Do not change what you get: others get the same. Typed if the schema is
   * given once more. Of the configuration in force; in a callback give the one that
   * it got, which is not in force yet. A section with a schema of its own, and that
   * of a volume, is always there: without options if it is not in the file.
   *
   * @throws SectionOptionsError where the section has no schema, or another one, or
   * where it is not there.
   * @throws TransitionStateError where no configuration is in force.
   */
  options(section: string): unknown;
  options<Schema extends StandardSchemaV1>(
    section: string,
    schema: Schema,
    confMap?: ConfMap,
  ): StandardSchemaV1.InferOutput<Schema>;
  options(
    section: string,
    schema?: StandardSchemaV1,
    confMap?: ConfMap,
  ): unknown {
    const { runtime } = this;
    const from = confMap ?? this.confMap;
    if (from !== undefined) {
      return runtime.options.schemas.optionsOf(from, section, schema);
    }
    throw new TransitionStateError(
      `options(${section})`,
      runtime.lifecycle,
      'no configuration is in force; in a callback, give the one that it got',
    );
  }

  /**
   * Whether this process should get requests: it is up and not on its way down,
   * and all participants hold what the configuration in force gives to this peer,
   * and nothing else. With the option `readyWhenPartial`, volumes that are set
   * aside do not count. With leases it has a session, and no claims that fail.
   */
  get isReady(): boolean {
    return this.runtime.isReady;
  }

  /** What really is. */
  snapshot(): TransitionsSnapshot {
    return this.runtime.snapshot();
  }

  /**
   * With leases: an operator says that the store which is there now is to be used,
   * though it is another one than before, or has lost its data. Until then nothing
   * is served. The event `leaseSession` has its id. Processes that come after this
   * one know it where there is a `leaseStoreFile`. To confirm the store that is in
   * use already changes nothing.
   *
   * @throws LeaseStoreNotFoundError where no store with this id was found: nothing
   * has changed
   */
  confirmLeaseStore(storeId: string): void {
    this.runtime.confirmLeaseStore(storeId);
  }

  /**
   * Forgets what is recorded against a volume, a group (`{ group }`) or a
   * participant (`{ participant }`): its unknown callbacks are taken as not done.
   * Brings that volume, or that group with its volumes, and nothing else from what
   * is really held to what the configuration in force says; what a participant
   * holds is left to the next reload. Resolves for every outcome.
   *
   * @throws ReentrantTransitionError inside a callback.
   */
  reset(target: ResetTarget): Promise<TransitionReport> {
    return this.runtime.reset(target);
  }

  /**
   * Says that a volume broke while it was served: its disk, its database. The
   * VolumeGate is shut at once, before this returns. Then, as soon as no transition
   * runs, the participants get `volumeToBeUnserved` and `unserveVolume` for it in
   * reverse order (`kind: 'signaled'`, and no signaledStart or signaledFinish),
   * and it is set aside, whatever `onFailure` says: `snapshot().failed` lists it,
   * and it is tried again (see the option `retry`).
   *
   * Resolves for every outcome: `partial` as a rule, `unchanged` where a reload that
   * ran before has taken the volume away, `rejected` where the module goes down,
   * which takes it down anyway. Volumes that fail before it is their turn, as when a
   * disk breaks, are let go of together and share one report, and so does whoever
   * fails one of them again meanwhile. A participant may call it, and must not await
   * it inside a callback.
   *
   * @throws TransitionStateError when nobody serves the volume here.
   * @throws ReentrantTransitionError inside a callback about the same volume, which
   * says it by throwing.
   */
  fail(volumeName: string, error: unknown): Promise<TransitionReport> {
    return this.runtime.fail(volumeName, error);
  }

  /** A configuration from elsewhere; the source is told of it too. */
  private given(confMap: ConfMap): LoadRequest {
    const { source, inForce } = this.runtime.fromSource();
    return { load: () => confMap, source, inForce };
  }

  private bootRequest(confMap: ConfMap | undefined): ReloadRequest {
    if (confMap !== undefined) {
      return { ...this.given(confMap), reason: 'up()' };
    }
    const request = this.runtime.fromSource();
    return { ...request, reason: request.source };
  }
}
