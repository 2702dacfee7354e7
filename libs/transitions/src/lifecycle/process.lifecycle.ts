import {
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { EventStream } from '../ports/event-stream.js';
import { SighupListener } from '../reload/sighup.listener.js';
import { TransitionsRuntime } from '../transitions.runtime.js';

/**
 * What comes first at start and last at stop. Its module is global: Nest calls
 * the hooks of such modules before those of all others at start, and after them
 * at stop. What comes last at start and first at stop is TransitionsLifecycle.
 */
@Injectable()
export class ProcessLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(TransitionsRuntime) private readonly runtime: TransitionsRuntime,
    @Inject(SighupListener) private readonly sighup: SighupListener,
    @Inject(EventStream) private readonly events: EventStream,
  ) {}

  /** @throws TransitionsOptionsError, SighupTakenError */
  onModuleInit(): void {
    // First, so that nothing else happens with options that make no sense.
    const { reloadOnSighup } = this.runtime.start();
    // Before the hooks of others, which may take long: a SIGHUP that finds no
    // listener ends the process.
    if (reloadOnSighup) this.sighup.listen();
  }

  onApplicationShutdown(): void {
    // Not before the hooks of others are done, for the same reason.
    this.sighup.close();
    // Last, because up to here there may be something to hear of.
    this.events.complete();
  }
}
