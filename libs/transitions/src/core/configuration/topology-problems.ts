import type { ConfMap } from '@nestjs-transitions/conf';
import type { TopologyProblem } from '../model/topology.js';

/** Collects what is wrong or doubtful in a configuration, with its place. */
export class TopologyProblems {
  readonly problems: TopologyProblem[] = [];
  readonly warnings: TopologyProblem[] = [];

  constructor(private readonly confMap: ConfMap) {}

  warn(message: string, section: string, option?: string): void {
    this.warnings.push(this.located(message, section, option));
  }

  add(message: string, section: string, option: string): void {
    this.problems.push(this.located(message, section, option));
  }

  private located(
    message: string,
    section: string,
    option?: string,
  ): TopologyProblem {
    const place =
      this.confMap.locate(section, option) ?? this.confMap.locate(section);
    return {
      message: `${option === undefined ? `[${section}]` : `${section}.${option}`} ${message}`,
      section,
      ...(option === undefined ? {} : { option }),
      ...(place === undefined ? {} : { path: place.path, line: place.line }),
    };
  }
}
