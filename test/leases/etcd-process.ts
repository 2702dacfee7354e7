import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePorts } from 'volumed/free-ports';
import { EtcdGateway } from './etcd-gateway.js';

/** Whether there is an etcd to run. Says so loudly if there is none. */
export const hasEtcd = findEtcd();

const startDeadline = 60_000;

/** A member of an etcd, on free ports of 127.0.0.1, with a folder of its own. */
export class EtcdProcess {
  private readonly said: string[] = [];
  private child: ChildProcess;
  /** Another way in than that of the library; of one without TLS. */
  readonly gateway: EtcdGateway;

  private constructor(
    private readonly folder: string,
    private readonly args: readonly string[],
    /** Where clients connect. */
    readonly endpoint: string,
  ) {
    this.child = run(args, this.said);
    this.gateway = new EtcdGateway(endpoint);
    process.once('exit', this.kill);
  }

  /** @param more - arguments beside those that each etcd gets here */
  static async start(more: readonly string[] = []): Promise<EtcdProcess> {
    const [etcd] = await EtcdProcess.startMembers(1, more);
    return etcd!;
  }

  /** Starts a cluster of several members. */
  static async startMembers(
    count: number,
    more: readonly string[] = [],
  ): Promise<EtcdProcess[]> {
    const ports = await findFreePorts(2 * count);
    const addresses = Array.from({ length: count }, (_, index) => ({
      name: `m${index}`,
      client: `127.0.0.1:${ports[2 * index]}`,
      peer: `http://127.0.0.1:${ports[2 * index + 1]}`,
    }));
    const cluster = addresses.map(({ name, peer }) => `${name}=${peer}`);
    const isSecure = more.some((arg) => arg.startsWith('--cert-file='));
    const members = addresses.map(({ name, client, peer }) => {
      const folder = mkdtempSync(join(tmpdir(), 'transitions-etcd-'));
      const clients = `${isSecure ? 'https' : 'http'}://${client}`;
      const args = [
        `--name=${name}`,
        `--data-dir=${folder}`,
        `--listen-client-urls=${clients}`,
        `--advertise-client-urls=${clients}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${cluster.join(',')}`,
        // So that it starts, and lets a lease run out, sooner.
        '--heartbeat-interval=50',
        '--election-timeout=500',
        '--log-level=info',
        '--logger=zap',
        ...more,
      ];
      return new EtcdProcess(folder, args, client);
    });
    try {
      await Promise.all(members.map((member) => member.answers()));
      return members;
    } catch (thrown) {
      await Promise.all(members.map((member) => member.stop()));
      throw thrown;
    }
  }

  /** It stands still, and its connections stay open. */
  async pause(): Promise<void> {
    this.child.kill('SIGSTOP');
    const args = ['-o', 'state=', '-p', String(this.child.pid)];
    while (!spawnSync('ps', args, { encoding: 'utf8' }).stdout.startsWith('T'))
      await wait(5);
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** kill -9 */
  readonly kill = (): void => {
    this.child.kill('SIGKILL');
  };

  /** kill -9, and waits until it is gone. */
  async die(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.kill();
      await gone;
    }
  }

  /** Starts it again after `die`, with the data it had. */
  async startAgain(): Promise<void> {
    this.child = run(this.args, this.said);
    await this.answers();
  }

  /** Deletes its data, while it is dead. */
  wipe(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Keeps a copy of its data, while it is dead. */
  backUp(): void {
    cpSync(this.folder, this.backup, { recursive: true });
  }

  /** Puts the copy in the place of its data, while it is dead. */
  restore(): void {
    this.wipe();
    cpSync(this.backup, this.folder, { recursive: true });
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    process.off('exit', this.kill);
    await this.die();
    this.wipe();
    rmSync(this.backup, { recursive: true, force: true });
  }

  private get backup(): string {
    return `${this.folder}-backup`;
  }

  /** Waits until it takes connections and has a leader. */
  private async answers(): Promise<void> {
    const end = performance.now() + startDeadline;
    while (!this.said.some((text) => text.includes('serving client'))) {
      if (this.child.exitCode !== null || performance.now() > end)
        throw new Error(`etcd does not start:\n${this.said.join('')}`);
      await wait(20);
    }
  }
}

function run(args: readonly string[], said: string[]): ChildProcess {
  said.length = 0;
  const child = spawn('etcd', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], ETCD_UNSUPPORTED_ARCH: process.arch },
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.push(text);
  });
  return child;
}

function findEtcd(): boolean {
  if (spawnSync('etcd', ['--version']).status === 0) return true;
  console.warn(
    'No etcd is installed (Debian: apt-get install etcd-server). All tests of this file that need one are SKIPPED.',
  );
  return false;
}
