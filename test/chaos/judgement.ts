import type { Cluster } from './cluster.js';
import { converge, timeToConverge } from './convergence.js';
import { HistoryChecker } from './history-checker.js';
import type { HistoryEvent } from './history.js';
import type { Tally } from './tally.js';

/** How many events before a violation are told, and how many writes among them. */
const told = 40;
const toldWrites = 8;
const longestLine = 300;

/** Judges a cluster, round after round. */
export class Judgement {
  private readonly checker = new HistoryChecker();
  private recent: readonly HistoryEvent[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly tally?: Tally,
  ) {}

  /**
   * No fault is left: waits until all is as configured, and judges what has
   * happened until then. Returns what is wrong.
   */
  async ofPeace(within = timeToConverge): Promise<string | undefined> {
    const obstacle = await converge(this.cluster, within);
    const violation = this.cluster.crashes[0] ?? (await this.ofHistory());
    if (obstacle === undefined) return violation;
    const what = `I38 ${within} ms after the end of all faults: ${obstacle}`;
    return violation ?? [what, ...this.lines()].join('\n');
  }

  /** The laws that were broken until now, in the order in which they were. */
  async laws(): Promise<readonly string[]> {
    await this.judgeNews();
    return this.checker.violations.map(({ law }) => law);
  }

  /** The first violation since the last time, with what was before it. */
  private async ofHistory(): Promise<string | undefined> {
    const before = this.checker.violations.length;
    await this.judgeNews();
    const violation = this.checker.violations[before];
    if (violation === undefined) return undefined;
    const { what, at, volume } = violation;
    return [what, ...this.lines(at, volume)].join('\n');
  }

  private async judgeNews(): Promise<void> {
    const { records } = this.cluster;
    const news = records.takeUntil(await this.cluster.writtenDown());
    for (const event of news) {
      this.checker.add(event);
      this.tally?.add(event);
    }
    this.recent = [...this.recent.slice(-2_000), ...news];
  }

  /** The last events up to a moment, but for the ordinary ones of other volumes. */
  private lines(until = Infinity, volume?: string): readonly string[] {
    const events = this.recent
      .filter(({ at }) => at <= until)
      .filter((event) => isAbout(event, volume));
    const writes = events.filter(isWrite).slice(-toldWrites);
    return events
      .filter((event) => !isWrite(event) || writes.includes(event))
      .slice(-told)
      .map((event) => `  ${JSON.stringify(event).slice(0, longestLine)}`);
  }
}

function isWrite({ type }: HistoryEvent): boolean {
  return type === 'use' || type === 'written';
}

function isAbout(event: HistoryEvent, volume: string | undefined): boolean {
  switch (event.type) {
    case 'use':
    case 'written':
      return event.volume === volume;
    case 'serve':
    case 'unserved':
    case 'taken':
      return volume === undefined || event.volume === volume;
    case 'renewed':
      return volume !== undefined;
    default:
      return true;
  }
}
