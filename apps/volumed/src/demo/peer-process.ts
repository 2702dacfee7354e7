import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { Status } from '../status/peer-status.js';

const program = fileURLToPath(new URL('../main.js', import.meta.url));
const lookEveryMs = 5;
const patienceMs = 60_000;
const running = new Set<ChildProcess>();

// A peer does not outlive the process that has started it.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** How a peer is started. */
export interface PeerProcessOptions {
  readonly name: string;
  readonly port: number;
  readonly conf: string;
  /** Where stdout and stderr go. */
  readonly log: string;
  /** Further arguments of volumed. */
  readonly args?: readonly string[];
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** A volumed process. */
export class PeerProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private end = Infinity;

  constructor(readonly options: PeerProcessOptions) {
    const { conf, log, args = [], nodeArgs = [] } = options;
    const output = openSync(log, 'a');
    this.child = spawn(
      process.execPath,
      [...nodeArgs, program, '--conf', conf, ...args],
      { stdio: ['ignore', output, output] },
    );
    closeSync(output);
    running.add(this.child);
    this.exited = once(this.child, 'exit').then(() => {
      this.end = Number(process.hrtime.bigint() / 1_000n) / 1_000;
      running.delete(this.child);
    });
  }

  get name(): string {
    return this.options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** By when it had ended, in milliseconds of the machine's monotonic clock; Infinity while it runs. */
  get endedAt(): number {
    return this.end;
  }

  /** Resolves when it answers and is ready for requests. @throws Error with its log when it ends instead. */
  async ready(): Promise<void> {
    await this.until('to be ready', async () => {
      const answer = await request(`${this.url}/ready`).catch(() => undefined);
      await answer?.body.dump();
      return answer?.statusCode === 200;
    });
  }

  /** What `/status` says. */
  async status(): Promise<Status> {
    const { statusCode, body } = await request(`${this.url}/status`);
    const text = await body.text();
    if (statusCode === 200) return JSON.parse(text) as Status;
    throw new Error(`${this.url}/status answered ${statusCode}: ${text}`);
  }

  /** Sends SIGHUP, and resolves when the transition that followed has ended. @throws Error unless it was applied. */
  async reload(): Promise<void> {
    const before = (await this.status()).last?.id ?? 0;
    this.signal('SIGHUP');
    await this.until('to reload', async () => {
      const { last, busy } = await this.status();
      if (last === null || last.id <= before || busy) return false;
      if (last.outcome === 'applied' || last.outcome === 'unchanged') {
        return true;
      }
      throw new Error(
        `${this.name} has not applied its configuration, but ${last.outcome}: ${last.errors.join('; ')}`,
      );
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it; resolves to its exit code, null when the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.isRunning) {
      this.signal(signal);
      await this.exited;
    }
    return this.child.exitCode;
  }

  /** Everything it has said. */
  async log(): Promise<string> {
    return readFile(this.options.log, 'utf8');
  }

  /** Looks until a condition holds. @throws Error when it takes too long or the process ends. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await condition())) {
      if (!this.isRunning) {
        const { exitCode, signalCode } = this.child;
        const how = signalCode === null ? `exit code ${exitCode}` : signalCode;
        throw new Error(
          `${this.name} has ended with ${how}:\n${await this.log()}`,
        );
      }
      if (performance.now() > deadline) {
        throw new Error(
          `${this.name} took longer than ${patienceMs} ms ${what}:\n${await this.log()}`,
        );
      }
      await setTimeout(lookEveryMs);
    }
  }
}
