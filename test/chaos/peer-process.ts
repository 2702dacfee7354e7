import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as passes } from 'node:timers/promises';

/** What a process of a peer is started with. */
export interface PeerOptions {
  /** `a#2` is the second process of peer a. */
  readonly who: string;
  /** Of its configuration. */
  readonly conf: string;
  readonly endpoint: string;
  readonly namespace: string;
  /** In seconds. */
  readonly ttl: number;
  /** The port of the resource. */
  readonly resource: number;
  /** The file that it writes down in what happens to it. */
  readonly journal: string;
  /** Between two of its writes, in milliseconds. */
  readonly pace: number;
  /** The file that its log goes to. */
  readonly log: string;
}

export interface PeerStatus {
  readonly open: readonly string[];
  readonly waiting: readonly string[];
  readonly failed: number;
  readonly degraded: boolean;
  readonly busy: boolean;
  readonly ready: boolean;
}

/** A peer does not answer: it stands still, has ended, or hangs. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

type Answer = Readonly<Record<string, unknown>> & { readonly id: number };

/** The folder of test/chaos in the sources, which this may be compiled from. */
const fixture = join(process.cwd(), 'test/chaos/fixture/peer.mjs');
const bootTime = 60_000;

/** A process of a peer. It ends with the one that has started it. */
export class PeerProcess {
  readonly who: string;
  /** It has come up: its boot is over, whatever it serves. */
  readonly up: Promise<void>;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  isAlive = true;
  /** Why it has ended, if nobody wanted that. */
  crash: string | undefined;
  private isToEnd = false;
  private readonly child: ChildProcess;
  private readonly answers = new Map<number, (answer: Answer) => void>();
  private asked = 0;

  constructor(private readonly options: PeerOptions) {
    const { who, log } = options;
    this.who = who;
    const output = openSync(log, 'a');
    this.child = spawn(process.execPath, [fixture, JSON.stringify(options)], {
      // Its log is on stdout and stderr, and what it answers beside them.
      stdio: ['pipe', output, output, 'pipe'],
    });
    closeSync(output);
    process.once('exit', this.kill);
    this.child.stdin!.on('error', () => {});
    const answers = this.child.stdio[3] as Readable;
    createInterface({ input: answers }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.answers.get(answer.id)?.(answer);
      this.answers.delete(answer.id);
    });
    this.gone = once(this.child, 'exit').then((ended) => {
      this.isAlive = false;
      process.off('exit', this.kill);
      if (this.isToEnd) return;
      const how = ended.find((each) => each !== null);
      this.crash = `${who} has ended by itself (${how}):\n${this.lastLog()}`;
    });
    this.up = this.answer(0, bootTime).then(() => undefined);
    // Whoever asks hears of it.
    this.up.catch(() => {});
  }

  /** kill -9 */
  readonly kill = (): void => {
    this.isToEnd = true;
    this.child.kill('SIGKILL');
  };

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.isToEnd ||= signal === 'SIGTERM';
    this.child.kill(signal);
  }

  async status(within = 2_000): Promise<PeerStatus> {
    return (await this.ask('status', {}, within)) as unknown as PeerStatus;
  }

  /** It may hear of it late, or never. */
  tell(command: string, args: Readonly<Record<string, unknown>>): void {
    this.ask(command, args).catch(() => undefined);
  }

  /** @throws NoAnswerError if it does not answer in time, or has ended */
  ask(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    within = 2_000,
  ): Promise<Answer> {
    const id = ++this.asked;
    const answer = this.answer(id, within);
    this.child.stdin!.write(`${JSON.stringify({ id, command, ...args })}\n`);
    return answer;
  }

  private async answer(id: number, within: number): Promise<Answer> {
    const timer = new AbortController();
    const answered = new Promise<Answer>((resolve) => {
      this.answers.set(id, resolve);
    });
    try {
      const answer = await Promise.race([
        answered,
        this.gone,
        passes(within, undefined, { signal: timer.signal }),
      ]);
      if (answer !== undefined) return answer;
    } finally {
      timer.abort();
      this.answers.delete(id);
    }
    const state = this.isAlive ? `did not answer in ${within} ms` : 'has ended';
    throw new NoAnswerError(`${this.who} ${state}:\n${this.lastLog()}`);
  }

  private lastLog(): string {
    return readFileSync(this.options.log, 'utf8').slice(-2_000);
  }
}
