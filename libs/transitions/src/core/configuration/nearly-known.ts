import type { ConfSection } from '@nestjs-transitions/conf';
import { nearestName } from '@nestjs-transitions/conf';
import type { TopologyProblems } from './topology-problems.js';

/** The options that this library reads in each section of its own. */
export const knownOptions = {
  Cluster: ['WhoAmI', 'Peers'],
  FSGlobals: ['VolumeGroupList', 'VolumeList'],
  VolumeGroup: ['VolumeList', 'PrimaryPeer', 'VirtualIPAddr'],
} as const;

const sectionNames = ['Cluster', 'FSGlobals'];
const sectionKinds = ['VolumeGroup', 'Volume'];

/**
 * Finds names that are nearly those of sections and options that this library
 * reads. An option that is misspelt would count as missing, and a missing
 * PrimaryPeer takes volumes out of service: where the one that is meant is not
 * there, it is a problem, and otherwise a warning.
 */
export class NearlyKnown {
  /** By what is known. The same names come again and again, with 10,000 groups. */
  private readonly found = new Map<
    readonly string[],
    Map<string, string | undefined>
  >();

  constructor(private readonly problems: TopologyProblems) {}

  /** `others` are options of a section that are none of the known ones. */
  checkOptions(
    section: ConfSection,
    others: readonly string[],
    known: readonly string[],
  ): void {
    for (const option of others) {
      const meant = this.nearest(option, known);
      if (meant === undefined) continue;
      const message = `is not read; did you mean ${meant}?`;
      if (section.get(meant) === undefined) {
        this.problems.add(message, section.name, option);
      } else this.problems.warn(message, section.name, option);
    }
  }

  /** Of a section that nothing else has to do with. */
  checkSection(name: string): void {
    const colon = name.indexOf(':');
    const own = colon < 0 ? name : name.slice(0, colon);
    const meant = this.nearest(own, colon < 0 ? sectionNames : sectionKinds);
    if (meant === undefined) return;
    const whole = colon < 0 ? meant : `${meant}${name.slice(colon)}`;
    this.problems.warn(`is not read; did you mean [${whole}]?`, name);
  }

  private nearest(
    name: string,
    candidates: readonly string[],
  ): string | undefined {
    let found = this.found.get(candidates);
    if (found === undefined) this.found.set(candidates, (found = new Map()));
    if (!found.has(name)) found.set(name, nearestName(name, candidates));
    return found.get(name);
  }
}
