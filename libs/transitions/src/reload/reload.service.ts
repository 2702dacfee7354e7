import type { TransitionReport } from '../core/report/report.js';
import type { DryRunReport } from '../core/transition/dry-run.js';
import { TransitionsRuntime } from '../transitions.runtime.js';

/** How a reload is asked for. */
export interface ReloadOptions {
  /** Unserve more volumes than `maxUnserve`, if it takes that. Default false. */
  readonly force?: boolean;
  /**
   * Take over from the reload that runs, at its next step and without undoing
   * anything first. The new configuration is checked before that; where it is
   * refused, the one that runs goes on. Default false.
   */
  readonly supersede?: boolean;
}

/** Reloads the configuration from the module's source. */
export class ReloadService {
  constructor(private readonly runtime: TransitionsRuntime) {}

  /**
   * Loads the configuration anew and brings it into force. Before up is done it
   * waits; while another runs, all who ask share one more run, with what the
   * source has then. One that another supersedes ends `superseded`. Resolves for
   * every outcome; errors are in the report.
   *
   * @throws ReentrantTransitionError inside a callback, which it would wait for.
   */
  async reload(
    reason = 'reload()',
    options: ReloadOptions = {},
  ): Promise<TransitionReport> {
    return this.runtime.reload(reason, options, 'reload()');
  }

  /**
   * What a reload would do now. Every check is made, `validate` of every
   * participant included; nothing is changed. With `force` it says what a forced
   * reload would do. Before up is done, and while a transition runs, it waits.
   * Resolves for every outcome: problems and vetoes
   * are in the report.
   *
   * @throws ReentrantTransitionError inside a callback, which it would wait for.
   */
  async dryRun({ force = false }: ReloadOptions = {}): Promise<DryRunReport> {
    return this.runtime.dryRun({
      ...this.runtime.fromSource(),
      force,
      reason: 'dryRun()',
    });
  }
}
