import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { findFreePorts } from './free-ports.js';

const patienceMs = 60_000;
const lookEveryMs = 20;

/** There is no etcd to keep leases in. The message says how to get one. */
export class NoEtcdError extends Error {
  override readonly name = 'NoEtcdError';
}

/** The etcd that keeps the leases of the peers. Disposing of it ends what was started. */
export class DemoEtcd implements AsyncDisposable {
  private constructor(
    /** Where clients connect. */
    readonly url: string,
    private readonly folder: string,
    private readonly child?: ChildProcess,
  ) {}

  /**
   * The one that is asked for: that of an address, or `own` for one that is
   * started, with its data in the folder; undefined for none.
   *
   * @throws NoEtcdError when no etcd is installed, and when none answers.
   */
  static async of({
    etcd,
    folder,
  }: {
    readonly etcd?: string;
    readonly folder: string;
  }): Promise<DemoEtcd | undefined> {
    if (etcd === undefined) return undefined;
    const made =
      etcd === 'own'
        ? await DemoEtcd.start(folder)
        : new DemoEtcd(etcd, folder);
    try {
      await made.answers();
      return made;
    } catch (thrown) {
      await made[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** The process id of the one that was started. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The arguments of each volumed. The namespace is that of one run, also in an etcd that others use. */
  get peerArguments(): string[] {
    const namespace = basename(this.folder);
    return ['--etcd', this.url, '--namespace', namespace, '--lease-ttl', '2'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { child } = this;
    if (child === undefined || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  private static async start(folder: string): Promise<DemoEtcd> {
    const ports = await findFreePorts(2);
    const [url, peerUrl] = ports.map((port) => `http://127.0.0.1:${port}`);
    const output = openSync(join(folder, 'etcd.log'), 'a');
    const child = spawn(
      'etcd',
      [
        '--name=demo',
        `--data-dir=${join(folder, 'etcd')}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=demo=${peerUrl}`,
      ],
      {
        stdio: ['ignore', output, output],
        // Nothing that the environment says of another etcd.
        env: { PATH: process.env['PATH'], ETCD_UNSUPPORTED_ARCH: process.arch },
      },
    );
    closeSync(output);
    try {
      await once(child, 'spawn');
    } catch (thrown) {
      throw new NoEtcdError(
        `No etcd can be started (${String(thrown)}). Install one (Debian: apt-get install etcd-server), or name one that runs: --etcd http://host:port`,
        { cause: thrown },
      );
    }
    // It does not outlive the process that has started it.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    return new DemoEtcd(url!, folder, child);
  }

  private async answers(): Promise<void> {
    const { url, child, folder } = this;
    const deadline = performance.now() + patienceMs;
    while (!(await isHealthy(url))) {
      if (child === undefined) {
        throw new NoEtcdError(`--etcd ${url}: no etcd answers there`);
      }
      if (hasEnded(child) || performance.now() > deadline) {
        const log = join(folder, 'etcd.log');
        throw new Error(
          `The etcd that was started does not answer; see ${log}`,
        );
      }
      await setTimeout(lookEveryMs);
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const { body } = await request(new URL('/health', url), {
      headersTimeout: 5_000,
    });
    const { health } = (await body.json()) as { health?: unknown };
    return health === 'true';
  } catch {
    return false;
  }
}
