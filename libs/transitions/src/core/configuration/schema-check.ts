import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConfMap, ConfSection } from '@nestjs-transitions/conf';
import { messageOf } from '../model/error-text.js';
import type { Topology, TopologyProblem } from '../model/topology.js';
import type { Clock } from '../time/clock.js';
import { doInSlices, type SlicedWork } from '../time/slices.js';
import { groupPrefix } from './group-table.js';
import { addIssue } from './schema-issues.js';
import { SectionOptions } from './section-options.js';
import type { SchemaTable } from './schema-table.js';
import { TopologyProblems, type ProblemPlace } from './topology-problems.js';
import { volumePrefix } from './volume-table.js';

/** How long a check may take. */
export interface CheckLimits {
  readonly clock: Clock;
  /** In milliseconds, for all schemas together. */
  readonly timeLimit: number;
  /** Aborts, with the cause, when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** What is checked: a section, or one that is not there. */
interface Subject {
  readonly name: string;
  readonly section?: ConfSection;
  /** Where to look for a section that is not there. */
  readonly instead?: ProblemPlace;
  readonly keep: (options: unknown) => void;
}

const sectionsBetweenYields = 16;
const volumesBetweenYields = 256;
// Of schemas that answer later.
const mostPending = 64;

/**
 * One check of a configuration by its schemas. Sections that are as they were in
 * the configuration before are not checked again. Schemas may be asynchronous:
 * then some sections are checked at a time.
 */
export class SchemaCheck {
  readonly options: SectionOptions;
  private readonly problems: TopologyProblems;
  private readonly confMap: ConfMap;
  private readonly topology: Topology;
  private readonly pending = new Set<string>();
  private isTimeUp = false;
  private wake = (): void => {};
  /** How far sections have moved since the configuration before. */
  private shift = 0;

  constructor(
    private readonly schemas: SchemaTable,
    of: { readonly confMap: ConfMap; readonly topology: Topology },
    private readonly before: SectionOptions | undefined,
  ) {
    this.confMap = of.confMap;
    this.topology = of.topology;
    this.options = new SectionOptions(of.confMap);
    this.problems = new TopologyProblems(of.confMap);
  }

  /**
   * Resolves to everything that is wrong. Schemas that do not settle in time are
   * wrong too.
   *
   * @throws the cause when nobody waits any more.
   */
  async run({
    clock,
    timeLimit,
    signal,
  }: CheckLimits): Promise<readonly TopologyProblem[]> {
    const abort = (): void => this.wake();
    signal.addEventListener('abort', abort);
    const cancelTimer = clock.startTimer(() => {
      this.isTimeUp = true;
      this.wake();
    }, timeLimit);
    const steps = this.steps();
    let isDone = false;
    try {
      while (!this.isTimeUp && !isDone) {
        const haveAllBegun = await doInSlices(this.untilFull(steps), clock);
        signal.throwIfAborted();
        isDone = haveAllBegun && this.pending.size === 0;
        if (!isDone) await this.something();
        signal.throwIfAborted();
      }
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    }
    if (!isDone) this.addLate(timeLimit);
    return [...this.problems.problems];
  }

  /** Goes on until too many are pending; returns whether all have begun. */
  private *untilFull(steps: SlicedWork<void>): SlicedWork<boolean> {
    while (this.pending.size < mostPending && !this.isTimeUp) {
      if (steps.next().done) return true;
      yield;
    }
    return false;
  }

  /** Waits until something that is pending settles, or the wait is over. */
  private something(): Promise<void> {
    if (this.isTimeUp || this.pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private *steps(): SlicedWork<void> {
    const { confMap, options } = this;
    for (let place = 0; place < confMap.size; place++) {
      if (place % sectionsBetweenYields === 0) yield;
      const section = confMap.at(place)!;
      if (this.takeOver(section, place)) continue;
      const { name } = section;
      const keep = (made: unknown): void => options.put(place, made);
      this.check({ name, section, keep });
    }
    for (const name of this.schemas.exact.keys()) this.checkAbsent(name);
    if (this.schemas.concernVolumes) yield* this.volumesWithoutSection();
  }

  private *volumesWithoutSection(): SlicedWork<void> {
    let seen = 0;
    for (const { name, section, groupName } of this.topology.volumes.values()) {
      if (++seen % volumesBetweenYields === 0) yield;
      if (section !== undefined) continue;
      const group = `${groupPrefix}${groupName}`;
      const listed = { section: group, option: 'VolumeList' };
      this.checkAbsent(`${volumePrefix}${name}`, listed);
      yield;
    }
  }

  /** Whether the section is that of the configuration before. */
  private takeOver(section: ConfSection, place: number): boolean {
    const { before } = this;
    if (before === undefined) return false;
    if (before.confMap.at(place + this.shift) !== section) {
      const at = before.confMap.indexOf(section.name);
      if (at < 0) return false;
      this.shift = at - place;
      if (before.confMap.at(at) !== section) return false;
    }
    const made = before.at(place + this.shift);
    if (made !== undefined) this.options.put(place, made);
    return true;
  }

  /** A section that is not there is checked as one without options. */
  private checkAbsent(name: string, instead?: ProblemPlace): void {
    const { options, before, confMap } = this;
    if (confMap.has(name) || options.hasAbsent(name)) return;
    const keep = (made: unknown): void => options.putAbsent(name, made);
    if (before?.hasAbsent(name)) keep(before.get(name));
    else this.check({ name, keep, ...(instead && { instead }) });
  }

  private check(subject: Subject): void {
    const schema = this.schemas.of(subject.name);
    if (schema === undefined) return;
    try {
      const result = schema['~standard'].validate(recordOf(subject.section));
      if ('then' in result) void this.checkLater(subject, result);
      else this.take(subject, result);
    } catch (thrown) {
      this.failed(subject, thrown);
    }
  }

  private async checkLater(
    subject: Subject,
    result: Promise<StandardSchemaV1.Result<unknown>>,
  ): Promise<void> {
    this.pending.add(subject.name);
    try {
      this.take(subject, await result);
    } catch (thrown) {
      this.failed(subject, thrown);
    }
    this.pending.delete(subject.name);
    this.wake();
  }

  private take(
    { name, section, instead, keep }: Subject,
    result: StandardSchemaV1.Result<unknown>,
  ): void {
    if (result.issues === undefined) keep(result.value);
    for (const issue of result.issues ?? []) {
      addIssue(issue, this.problems, { name, section, instead });
    }
  }

  private failed({ name: section, instead }: Subject, thrown: unknown): void {
    const message = `its schema failed: ${messageOf(thrown)}`;
    this.problems.quote(message, { section }, instead);
  }

  private addLate(timeLimit: number): void {
    const within = `within ${timeLimit} ms (callbackTimeout)`;
    for (const section of this.pending) {
      this.problems.quote(`its schema did not settle ${within}`, { section });
    }
    if (this.pending.size > 0) return;
    const message = `the schemas did not get through all sections ${within}`;
    this.problems.problems.push({ message });
  }
}

/** A section as schemas get it: plain data, free to be changed. */
function recordOf(
  section: ConfSection | undefined,
): Record<string, string | string[]> {
  const names = section?.options() ?? [];
  return Object.fromEntries(
    names.map((name) => {
      const values = section!.get(name)!;
      return [name, values.length === 1 ? values[0]! : [...values]];
    }),
  );
}
