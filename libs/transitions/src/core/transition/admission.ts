import {
  checkingConfiguration,
  type Configuration,
} from '../configuration/configuration.js';
import type { Engine } from './engine.js';
import {
  TargetUnknownError,
  TooManyUnservedError,
  VetoError,
} from '../model/errors.js';
import { Loading, type LoadRequest } from '../configuration/loading.js';
import { implementsCallback } from '../model/participant.js';
import { planTransition, type PlanBlock } from '../plan/plan.js';
import type { PlanRunner } from './plan-runner.js';
import type { ReportDraft } from '../report/report-draft.js';
import { doInSlices } from '../time/slices.js';
import { stepOf } from '../model/step.js';
import type { Holdings } from '../model/topology.js';

/** A configuration that somebody wants in force. */
export interface OfferOptions extends LoadRequest {
  readonly kind: 'up' | 'signaled';
  /** Unserve as many volumes as it takes. */
  readonly force: boolean;
  readonly inForce: Configuration | undefined;
  /** The generation it has when it is accepted. */
  readonly generation: number;
}

/** An offer that passed every check. */
export interface AcceptedOffer {
  readonly configuration: Configuration;
  readonly blocks: readonly PlanBlock[];
  readonly wanted: readonly Holdings[];
}

/**
 * Takes a configuration through every check there is before anything changes:
 * loading (within `callbackTimeout`), upgrading, meaning, the `validate` of every participant, the blast
 * radius, and what is still unknown. Resolves to undefined when it is refused;
 * why is in the report, all at once.
 */
export class Offer {
  private readonly loading: Loading;

  constructor(
    private readonly engine: Engine,
    private readonly runner: PlanRunner,
    private readonly draft: ReportDraft,
    private readonly options: OfferOptions,
  ) {
    const { settings, clock } = engine;
    this.loading = new Loading(options, settings.callbackTimeout, clock);
  }

  /** Nobody waits for the configuration any more. */
  stop(cause: Error): void {
    this.loading.stop(cause);
  }

  async check(): Promise<AcceptedOffer | undefined> {
    const { draft } = this;
    try {
      const configuration = await draft.timed('load', () => this.load());
      draft.warnings = configuration.warnings;
      const valid = await draft.timed('validate', () =>
        this.validate(configuration),
      );
      // After every wait, so that the plan starts from what is then.
      const accepted = this.plan(configuration);
      return valid ? accepted : undefined;
    } catch (thrown) {
      draft.addError(thrown);
      return undefined;
    }
  }

  private async load(): Promise<Configuration> {
    const { generation, inForce } = this.options;
    const loaded = await this.loading.run();
    return doInSlices(
      checkingConfiguration(loaded, generation, inForce),
      this.engine.clock,
    );
  }

  private plan(configuration: Configuration): AcceptedOffer {
    const { states } = this.engine.state;
    const wanted = states.map(() => configuration.topology);
    const blocks = planTransition(
      this.options.kind,
      states.map((state) => ({ state, wanted: configuration.topology })),
    );
    this.checkBlastRadius(blocks);
    refuseUnknown(this.engine, blocks);
    return { configuration, blocks, wanted };
  }

  private checkBlastRadius(blocks: readonly PlanBlock[]): void {
    const { maxUnserve } = this.engine.settings;
    const { inForce, force } = this.options;
    if (force || inForce === undefined || maxUnserve === Infinity) return;
    const { volumesUnserved } = this.draft.plan(blocks);
    if (volumesUnserved <= maxUnserve) return;
    const served = [...inForce.topology.volumes.values()].filter(
      (volume) => volume.served,
    ).length;
    throw new TooManyUnservedError(volumesUnserved, served, maxUnserve);
  }

  private async validate(configuration: Configuration): Promise<boolean> {
    const { participants, states } = this.engine.state;
    const journal = await this.runner.run({
      blocks: participants.flatMap((participant, index) =>
        implementsCallback(participant, 'validate')
          ? [{ callback: 'validate', participant: index, targets: [null] }]
          : [],
      ),
      context: {
        kind: this.options.kind,
        id: this.draft.id,
        generation: configuration.generation,
        confMap: configuration.confMap,
        previous: this.options.inForce?.confMap,
      },
      onError: 'continue',
      wanted: states.map(({ held }) => held),
    });
    this.draft.addCalls(journal);
    for (const { error } of journal.failedSteps()) {
      const { participant } = error.step;
      this.draft.addError(new VetoError(participant, error.cause ?? error));
    }
    const { stoppedBy } = this.runner;
    if (stoppedBy !== undefined) this.draft.addError(stoppedBy);
    return journal.complete && stoppedBy === undefined;
  }
}

/**
 * Refuses a plan that needs a target whose last callback has not settled: with
 * `isolate` only where a participant itself is unknown, for then nothing at all
 * can be done.
 *
 * @throws TargetUnknownError
 */
export function refuseUnknown(
  { state, settings }: Engine,
  blocks: readonly PlanBlock[],
): void {
  if (state.overdue.length === 0) return;
  const blocked = state.blockedTargets();
  const needed = blocks.some(({ callback, participant, targets }) =>
    targets.some(
      (target) =>
        (target === null || settings.onFailure === 'rollback') &&
        blocked.has(participant, callback, target),
    ),
  );
  if (!needed) return;
  throw new TargetUnknownError(
    state.overdue.map(({ callback, participant, target }) =>
      stepOf(callback, state.participants[participant]!, target),
    ),
  );
}
