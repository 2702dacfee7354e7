import { readFileSync } from 'node:fs';

/** What something took, in milliseconds. */
export interface Expense {
  readonly wall: number;
  /** Of the processor, in this process. */
  readonly cpu: number;
  /** Of the processor, in etcd; to ten milliseconds. */
  readonly etcdCpu: number;
}

/** What was used up by a moment. */
export class Meter {
  private readonly startedAt = performance.now();
  private readonly cpu = process.cpuUsage();
  private readonly etcdCpu: number;

  /** @param etcd its process id */
  constructor(private readonly etcd: number) {
    this.etcdCpu = cpuOf(etcd);
  }

  /** What was used since then. */
  read(): Expense {
    const wall = performance.now() - this.startedAt;
    const { user, system } = process.cpuUsage(this.cpu);
    const etcdCpu = cpuOf(this.etcd) - this.etcdCpu;
    return { wall, cpu: (user + system) / 1000, etcdCpu };
  }
}

const millisecondsOfTick = 10;

/** What a process has used of the processor, as Linux counts it; 0 elsewhere. */
function cpuOf(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // What comes before is the number and the name, which may have blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * millisecondsOfTick;
}
