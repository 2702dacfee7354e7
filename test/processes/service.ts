import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** What happens to a callback. */
export type Fault = 'throw' | 'hang' | 'die' | 'block' | 'hold';

/** What a service should do. */
export interface Scenario {
  /**
   * Options of TransitionsModule. The file of the configuration comes from the
   * environment.
   */
  readonly options?: Readonly<Record<string, unknown>>;
  /** By the number of a call, or by what the call prints: `a.serveVolume v`. */
  readonly faults?: Readonly<Record<string, Fault>>;
  /** Default: `a` and `b`. */
  readonly participants?: readonly string[];
  /**
   * Which signals shut it down: SIGTERM and SIGINT by default, or all, or none.
   */
  readonly hooks?: 'all' | 'none';
  readonly hooksAfterBoot?: boolean;
  readonly useProcessExit?: boolean;
  /** The service closes itself when it is told `close`. */
  readonly closeDuringBoot?: boolean;
  readonly quiet?: boolean;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

// A process starts slowly on a machine that is busy with others.
const deadline = 60_000;

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'transitions-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The configuration of peer `A`: groups and their volumes. A group named
 * `…@B` is peer `B`'s.
 */
export function confText(
  groups: Readonly<Record<string, readonly string[]>>,
  rest = '',
): string {
  const sections = Object.entries(groups).map(([key, volumes]) => {
    const [name, peer = 'A'] = key.split('@');
    return `[VolumeGroup:${name!}]\nVolumeList: ${volumes.join(', ')}\nPrimaryPeer: ${peer}\nVirtualIPAddr:\n`;
  });
  const names = Object.keys(groups).map((key) => key.split('@')[0]);
  return `[Cluster]\nWhoAmI: A\nPeers: A, B\n[FSGlobals]\nVolumeGroupList: ${names.join(', ')}\n${sections.join('')}${rest}`;
}

/** A configuration file whose content a test can replace. */
export class ConfFile {
  readonly folder = temporaryFolder();
  readonly path = join(this.folder, 'service.conf');

  constructor(text = confText({ g: ['v', 'w'] })) {
    this.replace(text);
  }

  replace(text: string): void {
    writeFileSync(`${this.path}.new`, text);
    renameSync(`${this.path}.new`, this.path);
  }
}

/** A service in a process of its own, and what it prints. */
export class Service {
  readonly lines: string[] = [];
  readonly exit: Promise<Exit>;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private ended = false;

  constructor(
    conf: ConfFile,
    scenario: Scenario = {},
    env: NodeJS.ProcessEnv = {},
    /** Arguments of Node, with the fixture's name at the end. */
    args: readonly string[] = ['app.mjs'],
  ) {
    this.child = spawn(process.execPath, [...args, JSON.stringify(scenario)], {
      cwd: fileURLToPath(new URL('fixture/', import.meta.url)),
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        TRANSITIONS_CONF_FILE: conf.path,
        ...env,
      },
    });
    // The process may be gone when it is told something.
    this.child.stdin!.on('error', () => {});
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.heard(line));
    }
    this.exit = once(this.child, 'close').then((ended) => {
      const [code, signal] = ended as [Exit['code'], Exit['signal']];
      this.ended = true;
      this.wake();
      return { code, signal };
    });
    onTestFinished(async () => {
      if (!this.ended) this.child.kill('SIGKILL');
      await this.exit;
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  tell(command: string): void {
    this.child.stdin!.write(`${command}\n`);
  }

  /**
   * The first line that matches, from a given one on. Rejects if none comes.
   */
  async line(pattern: RegExp | string, from = 0): Promise<string> {
    const until = Date.now() + deadline;
    for (;;) {
      const found = this.lines
        .slice(from)
        .find((line) => matches(line, pattern));
      if (found !== undefined) return found;
      if (this.ended || Date.now() > until) {
        throw new Error(
          `No line ${String(pattern)} came. ${this.ended ? 'The process has ended.' : ''} It printed:\n${this.lines.slice(-40).join('\n')}`,
        );
      }
      await this.more(until - Date.now());
    }
  }

  /** All lines that match. */
  all(pattern: RegExp | string): string[] {
    return this.lines.filter((line) => matches(line, pattern));
  }

  private heard(line: string): void {
    this.lines.push(line);
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  private async more(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.waiting.add(resolve);
      timer = setTimeout(resolve, milliseconds);
    });
    clearTimeout(timer);
  }
}

function matches(line: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string'
    ? line.includes(pattern)
    : pattern.test(line);
}

/**
 * Runs a function for each value. A few at a time, as each is a process of its
 * own.
 */
export async function forEach<T>(
  values: readonly T[],
  run: (value: T) => Promise<void>,
  atOnce = 3,
): Promise<void> {
  const rest = [...values];
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await run(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
