import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether there is an etcd to run. Says so loudly if there is none. */
export const hasEtcd = findEtcd();

const startDeadline = 15_000;

/** An etcd of one member, on free ports of 127.0.0.1, with a folder of its own. */
export class EtcdProcess {
  private constructor(
    private readonly folder: string,
    private readonly args: readonly string[],
    /** Where clients connect. */
    readonly endpoint: string,
    private child: ChildProcess,
    private said: string[],
  ) {
    process.once('exit', this.kill);
  }

  /** @param more - arguments beside those that each etcd gets here */
  static async start(more: readonly string[] = []): Promise<EtcdProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'transitions-etcd-'));
    const [client, peer] = await freePorts();
    const scheme = more.some((arg) => arg.startsWith('--cert-file='))
      ? 'https'
      : 'http';
    const clients = `${scheme}://127.0.0.1:${client}`;
    const peers = `http://127.0.0.1:${peer}`;
    const args = [
      '--name=one',
      `--data-dir=${folder}`,
      `--listen-client-urls=${clients}`,
      `--advertise-client-urls=${clients}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=one=${peers}`,
      // So that it starts, and lets a lease run out, sooner.
      '--heartbeat-interval=50',
      '--election-timeout=500',
      '--log-level=info',
      '--logger=zap',
      ...more,
    ];
    const said: string[] = [];
    const child = run(args, said);
    const etcd = new EtcdProcess(
      folder,
      args,
      `127.0.0.1:${client}`,
      child,
      said,
    );
    await etcd.answers();
    return etcd;
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

  /** Asks its JSON gateway: another way in than that of the library. */
  async ask(
    path: string,
    body: Readonly<Record<string, unknown>> = {},
    token?: string,
  ): Promise<Record<string, unknown>> {
    const response = await fetch(`http://${this.endpoint}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: token === undefined ? {} : { Authorization: token },
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`etcd: ${path}: ${answer}`);
    return JSON.parse(answer) as Record<string, unknown>;
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    process.off('exit', this.kill);
    await this.die();
    this.wipe();
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

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number];
}

function findEtcd(): boolean {
  if (spawnSync('etcd', ['--version']).status === 0) return true;
  console.warn(
    'No etcd is installed (Debian: apt-get install etcd-server). All tests of this file that need one are SKIPPED.',
  );
  return false;
}
