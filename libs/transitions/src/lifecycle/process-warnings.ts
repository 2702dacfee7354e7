import type { Logger } from '@nestjs/common';
import { startTimer } from '../ports/timers.js';

// Milliseconds that an application has to enable its shutdown hooks: after its
// boot it still begins to listen, and a standalone one cannot do so before.
const timeForHooks = 1000;

/**
 * What is doubtful about the process that an application is up in, logged once,
 * a moment after the boot. Returns what cancels that.
 */
export function warnOfProcess(logger: Logger): () => void {
  const warn = async (): Promise<void> => {
    if (process.listenerCount('SIGTERM') === 0) {
      logger.warn(
        "Nothing listens to SIGTERM: it ends the process without Down, and leaves its volumes open. Call app.enableShutdownHooks(['SIGTERM', 'SIGINT']).",
      );
    }
    // Not at the top: it would make every boot some milliseconds longer.
    const { default: cluster } = await import('node:cluster');
    if (cluster.isWorker) {
      logger.warn(
        'This is a worker of node:cluster: each worker with the same WhoAmI serves the same volumes, all at the same time. Run this module in one process for each peer.',
      );
    }
  };
  return startTimer(() => void warn(), timeForHooks, { keepsAlive: false });
}
