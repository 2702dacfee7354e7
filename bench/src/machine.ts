import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** Where figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /**
   * How busy it was when the measurement began: above 0.5, times are doubtful.
   */
  readonly load: number;
}

/** This machine, now. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    load: loadavg()[0] ?? 0,
  };
}
