import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { messageOf } from '../core/errors.js';
import { ReloadService } from '../reload/reload.service.js';
import { SighupListener } from '../reload/sighup.listener.js';
import type { Subscription } from 'rxjs';
import { TransitionsRuntime } from '../transitions.runtime.js';
import { TransitionsService } from '../transitions.service.js';

/**
 * Ties transitions to the life of the application: Up after every other
 * provider's onApplicationBootstrap, Down before any other
 * beforeApplicationShutdown.
 */
@Injectable()
export class TransitionsLifecycle
  implements
    OnApplicationBootstrap,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  private readonly logger = new Logger('Transitions');
  private changes: Subscription | undefined;

  constructor(
    @Inject(TransitionsRuntime) private readonly runtime: TransitionsRuntime,
    @Inject(TransitionsService)
    private readonly transitions: TransitionsService,
    @Inject(ReloadService) private readonly reloads: ReloadService,
    @Inject(SighupListener) private readonly sighup: SighupListener,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // Unless the application itself has called up in a hook of its own.
    if (['goingUp', 'up'].includes(this.transitions.snapshot().lifecycle)) {
      this.followSource();
      return;
    }
    try {
      await this.transitions.up();
    } catch (thrown) {
      // After a failed boot Nest may call no further hook.
      this.sighup.close();
      throw thrown;
    }
    this.followSource();
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    this.changes?.unsubscribe();
    await this.runtime.retire();
    const report = await this.runtime.down(signal ?? 'application shutdown');
    if (report.outcome !== 'applied') process.exitCode = 1;
  }

  onApplicationShutdown(): void {
    this.sighup.close();
    this.runtime.events.complete();
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
    this.reloads.reload(reason).catch((thrown: unknown) => {
      this.logger.error(`Reload (${reason}): ${messageOf(thrown)}`);
    });
  }
}
