import { Inject, Injectable } from '@nestjs/common';
import { Loading } from '../core/configuration/loading.js';
import type { TransitionReport } from '../core/report/report.js';
import type { TransitionPlan } from '../core/report/plan-description.js';
import { systemClock } from '../ports/system-clock.js';
import { TransitionsRuntime } from '../transitions.runtime.js';

/** How a reload is asked for. */
export interface ReloadOptions {
  /** Unserve more volumes than `maxUnserve`, if it takes that. Default false. */
  readonly force?: boolean;
}

/** Reloads the configuration from the module's source. */
@Injectable()
export class ReloadService {
  constructor(
    @Inject(TransitionsRuntime) private readonly runtime: TransitionsRuntime,
  ) {}

  /**
   * Loads the configuration anew and brings it into force. Before up is done it
   * waits; while another runs, all who ask share one more run, with what the
   * source has then. Resolves for every outcome; errors are in the report.
   *
   * @throws ReentrantTransitionError inside a callback, which it would wait for.
   */
  async reload(
    reason = 'reload()',
    { force = false }: ReloadOptions = {},
  ): Promise<TransitionReport> {
    return this.runtime.reload(reason, force, 'reload()');
  }

  /**
   * What a reload would do now. Changes nothing and asks no participant.
   *
   * @throws ConfigurationError with all problems.
   * @throws ConfigurationLoadError when the source has none to give, or not in time.
   */
  async dryRun(): Promise<TransitionPlan> {
    const request = this.runtime.fromSource();
    const { callbackTimeout } = this.runtime.options.settings;
    const loading = new Loading(request, callbackTimeout, systemClock);
    return this.runtime.plan(await loading.run());
  }
}
