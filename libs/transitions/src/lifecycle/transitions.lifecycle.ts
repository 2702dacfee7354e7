import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { messageOf } from '../core/model/error-text.js';
import { TransitionStateError } from '../core/model/errors.js';
import { succeeded } from '../core/report/report-errors.js';
import { TransitionsRuntime } from '../transitions.runtime.js';
import { TransitionsService } from '../transitions.service.js';
import { failExit } from './failed-exit.js';
import { warnOfProcess } from './process-warnings.js';

/**
 * What comes last at start and first at stop: Up after every other provider's
 * onApplicationBootstrap, Down before any other beforeApplicationShutdown. What
 * comes first at start and last at stop is ProcessLifecycle.
 *
 * Nest may call a hook twice (`module.init()` and then `app.init()`): the work is
 * then done once.
 */
export class TransitionsLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly logger = new Logger('Transitions');
  private changes: Subscription | undefined;
  private isUp = false;
  private hasFailed = false;
  private cancelWarnings = (): void => {};

  constructor(
    private readonly runtime: TransitionsRuntime,
    private readonly transitions: TransitionsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.bringUp();
    this.refuseWhenClosed();
    if (this.isUp) return;
    this.isUp = true;
    // Not before: there is nothing to reload as long as there is no boot.
    this.followSource();
    this.cancelWarnings = warnOfProcess(this.logger);
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.changes?.unsubscribe();
    this.cancelWarnings();
    await this.runtime.retire();
    const report = await this.runtime.down(signal ?? 'application shutdown');
    if (report.outcome === 'applied' || this.hasFailed) return;
    // An application may be closed twice.
    this.hasFailed = true;
    failExit(signal);
  }

  private async bringUp(): Promise<void> {
    this.refuseWhenClosed();
    const { boot } = this.runtime;
    // The application itself may have called up, in a hook of its own.
    if (boot === undefined) await this.transitions.up();
    else succeeded(await boot);
  }

  // Nest runs the hooks of a close() beside those of the boot, and would listen
  // afterwards.
  private refuseWhenClosed(): void {
    const { lifecycle } = this.runtime;
    if (lifecycle !== 'goingDown' && lifecycle !== 'down') return;
    throw new TransitionStateError(
      'The boot',
      lifecycle,
      'the application was closed before it was up',
    );
  }

  private followSource(): void {
    const { source } = this.runtime.options;
    this.changes = source.changes$?.subscribe({
      next: (reason) => this.reload(reason),
      error: (thrown: unknown) =>
        this.logger.error(
          `Changes of ${source.describe()} are no longer seen: ${messageOf(thrown)}`,
        ),
    });
  }

  private reload(reason: string): void {
    const { supersede } = this.runtime.options;
    // Nobody waits for its report: what fails is tried again.
    this.runtime.reload(reason, { supersede }).catch((thrown: unknown) => {
      this.logger.error(`Reload (${reason}): ${messageOf(thrown)}`);
    });
  }
}
