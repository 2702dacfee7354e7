import type { Configuration } from '../configuration/configuration.js';
import { PreemptedByDownError, SupersededError } from '../model/errors.js';
import type { TransitionReport } from '../report/report.js';
import type { JobQueue, ReloadRequest, TakenReload } from './job-queue.js';
import { checkBeside } from './supersession.js';
import type { Transition } from './transition.js';

/** What a superseder needs of who runs the transitions. */
export interface SupersederPorts {
  readonly jobs: JobQueue;
  /** A reload, which has not begun. */
  begin(reason: string): Transition;
  /** Follows the callbacks of what it runs. */
  inside<T>(run: () => Promise<T>): Promise<T>;
  /** Whether reloads are still run at all. */
  accepts(): boolean;
  refuse(reason: string): TransitionReport;
  /** Runs a reload whose configuration was checked, from what is held. */
  takeOver(
    own: Transition,
    to: Configuration,
    request: ReloadRequest,
  ): Promise<TransitionReport>;
  /** Something may wait that did not before. */
  proceed(): void;
}

/**
 * Lets a reload that waits, and is to supersede, take over from the reload that
 * runs. Its configuration is checked first; where that fails, it waits for its
 * turn as any other, and is checked anew then.
 */
export class Superseder {
  private own: Transition | undefined;
  private checked: Promise<void> = Promise.resolve();

  constructor(private readonly ports: SupersederPorts) {}

  /** Whether a reload is being checked. */
  get isChecking(): boolean {
    return this.own !== undefined;
  }

  /** To be called when a reload has begun, or another one waits. */
  consider(running: Transition | undefined): void {
    if (this.own !== undefined || running?.mayBeSuperseded !== true) return;
    const reload = this.ports.jobs.takeSuperseding();
    if (reload !== undefined) this.checked = this.check(running, reload);
  }

  /** A Down comes: nothing takes over any more. Resolves when no callback of it runs. */
  async stop(): Promise<void> {
    this.own?.stop(new PreemptedByDownError());
    await this.checked;
  }

  /** Never rejects. */
  private async check(running: Transition, reload: TakenReload): Promise<void> {
    const { ports } = this;
    const { request } = reload;
    const own = (this.own = ports.begin(request.reason));
    let to: Configuration | undefined;
    try {
      to = await ports.inside(() => checkBeside(running, own, request));
    } catch {
      // It is checked once more, and then told, when its turn comes.
    }
    this.own = undefined;
    if (!ports.accepts()) reload.settle(ports.refuse(request.reason));
    else if (to === undefined) ports.jobs.putBack(reload);
    else {
      ports.jobs.runNext(reload, () => ports.takeOver(own, to, request));
      running.stop(new SupersededError(to.generation, request.reason));
    }
    running.runner.pause.end();
    // What was asked for meanwhile, and where that has ended, what waits.
    this.consider(running);
    ports.proceed();
  }
}
