import type { ConfMap } from '@nestjs-transitions/conf';
import type { TopologyProblem } from '../model/topology.js';

/** Where a problem is: in a section, in one of its options, at one of its values. */
export interface ProblemPlace {
  readonly section: string;
  readonly option?: string | undefined;
  /** Where in the values, such as `[1]`. */
  readonly within?: string | undefined;
}

/** Collects what is wrong or doubtful in a configuration, with its place. */
export class TopologyProblems {
  readonly problems: TopologyProblem[] = [];
  readonly warnings: TopologyProblem[] = [];

  constructor(private readonly confMap: ConfMap) {}

  warn(message: string, section: string, option?: string): void {
    const place = { section, option };
    this.warnings.push(this.located(`${nameOf(place)} ${message}`, place));
  }

  add(message: string, section: string, option: string): void {
    const place = { section, option };
    this.problems.push(this.located(`${nameOf(place)} ${message}`, place));
  }

  /**
   * Adds what somebody else says of a place. `instead` is where to look for what
   * is not there.
   */
  quote(message: string, place: ProblemPlace, instead?: ProblemPlace): void {
    const text = `${nameOf(place)}: ${message}`;
    this.problems.push(this.located(text, place, instead));
  }

  private located(
    message: string,
    { section, option }: ProblemPlace,
    instead?: ProblemPlace,
  ): TopologyProblem {
    const place =
      this.confMap.locate(section, option) ??
      this.confMap.locate(section) ??
      (instead && this.confMap.locate(instead.section, instead.option));
    return {
      message,
      section,
      ...(option === undefined ? {} : { option }),
      ...(place === undefined ? {} : { path: place.path, line: place.line }),
    };
  }
}

function nameOf({ section, option, within = '' }: ProblemPlace): string {
  return option === undefined
    ? `[${section}]`
    : `${section}.${option}${within}`;
}
