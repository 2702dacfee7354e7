import { Logger } from '@nestjs/common';
import { messageOf } from '../core/model/error-text.js';
import { SighupTakenError } from './sighup-taken-error.js';
import { TransitionsRuntime } from '../transitions.runtime.js';

type Listener = (...args: never[]) => unknown;

// Those of other applications in the same process, which reload as well.
const ours = new WeakSet<Listener>();

/**
 * Takes SIGHUP for a reload, and sees to it that nobody takes it for a
 * shutdown: Nest's `enableShutdownHooks()` without a list does, and then the
 * application dies of it, or worse, shuts down and stays as a zombie.
 */
export class SighupListener {
  private readonly logger = new Logger('Transitions');
  private isListening = false;
  private closed = false;

  constructor(private readonly runtime: TransitionsRuntime) {
    ours.add(this.listener);
  }

  /** @throws SighupTakenError when Nest would shut down on SIGHUP. */
  listen(): void {
    if (this.closed || this.isListening) return;
    this.check();
    this.isListening = true;
    process.on('SIGHUP', this.listener);
    for (const listener of process.listeners('SIGHUP')) {
      if (isEarly(listener)) process.off('SIGHUP', listener);
    }
    process.on('newListener', this.newListener);
  }

  /** From now on a SIGHUP ends the process, as it does without a listener. */
  close(): void {
    this.closed = true;
    process.off('SIGHUP', this.listener);
    process.off('newListener', this.newListener);
  }

  private readonly listener = (): void => {
    this.runtime.reload('SIGHUP').catch((thrown: unknown) => {
      this.logger.error(`Reload on SIGHUP: ${messageOf(thrown)}`);
    });
  };

  // Throws inside of the enableShutdownHooks() that comes too late to be
  // checked at boot.
  private readonly newListener = (
    event: string | symbol,
    listener: Listener,
  ): void => {
    if (event === 'SIGHUP') this.judge(listener);
  };

  private check(): void {
    for (const listener of process.listeners('SIGHUP')) this.judge(listener);
  }

  private judge(listener: Listener): void {
    if (ours.has(listener) || isEarly(listener)) return;
    if (shutsDown(listener)) throw new SighupTakenError();
    const { name } = listener;
    this.logger.warn(
      `Somebody else listens to SIGHUP too${name === '' ? '' : ` (function ${name})`}; a reload and whatever that does will run side by side`,
    );
  }
}

/** The one of early-sighup.ts, from which ours takes over. */
function isEarly(listener: Listener): boolean {
  return Symbol.for('nestjs-transitions:early') in listener;
}

/**
 * Nest's own listener, which shuts down: it is told by its source, in which these
 * names are (NestApplicationContext.listenToShutdownSignals). Its own name,
 * `cleanup`, and that it is on several signals, others may have too.
 */
function shutsDown(listener: Listener): boolean {
  const source = Function.prototype.toString.call(listener);
  return /\bERROR_DURING_SHUTDOWN\b|\breceivedSignal\b/.test(source);
}
