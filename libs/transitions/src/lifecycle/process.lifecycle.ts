import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { EventStream } from '../ports/event-stream.js';
import { surviveLostStreams } from '../ports/standard-streams.js';
import { SighupListener } from '../reload/sighup.listener.js';
import { StartHooks } from '../runtime/start-hooks.js';
import { TransitionsRuntime } from '../transitions.runtime.js';

/**
 * What comes first at start and last at stop. Its module is global: Nest calls
 * the hooks of such modules before those of all others at start, and after them
 * at stop. What comes last at start and first at stop is TransitionsLifecycle.
 *
 * Nest may call a hook twice (`module.init()` and then `app.init()`): each step
 * is then taken once.
 */
export class ProcessLifecycle implements OnModuleInit, OnApplicationShutdown {
  private letStreamsGo = (): void => {};
  private hasEnded = false;

  constructor(
    private readonly runtime: TransitionsRuntime,
    private readonly sighup: SighupListener,
    private readonly hooks: StartHooks,
    private readonly events: EventStream,
  ) {}

  /** @throws TransitionsOptionsError, SighupTakenError */
  onModuleInit(): void {
    // First, so that nothing else happens with options that make no sense.
    const { reloadOnSighup } = this.runtime.start();
    if (this.hasEnded) return;
    // Before the hooks of others, which may take long: a SIGHUP that finds no
    // listener ends the process.
    if (reloadOnSighup) this.sighup.listen();
    this.letStreamsGo();
    this.letStreamsGo = surviveLostStreams();
    // Last: it is what undoes the others when a hook from here on fails.
    this.hooks.watch(() => this.abandonStart());
  }

  onApplicationShutdown(): void {
    this.hooks.release();
    this.letProcessGo();
    // Last, because up to here there may be something to hear of.
    this.events.complete();
  }

  /** A failed start leaves nothing, whoever failed: Nest may call no further hook. */
  private async abandonStart(): Promise<void> {
    this.letProcessGo();
    // A boot that failed has left nothing up, and nothing that waits for it.
    if (this.runtime.lifecycle === 'failed') return;
    // The application may have called up in a hook of its own, and reloads may wait.
    await this.runtime.down('the start failed');
  }

  private letProcessGo(): void {
    this.hasEnded = true;
    // Not before the hooks of others are done: until then a SIGHUP is not to end
    // the process, nor is a lost stream.
    this.sighup.close();
    this.letStreamsGo();
  }
}
