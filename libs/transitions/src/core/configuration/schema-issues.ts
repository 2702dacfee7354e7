import type { StandardSchemaV1 } from '@standard-schema/spec';
import { nearestName, type ConfSection } from '@nestjs-transitions/conf';
import type { ProblemPlace, TopologyProblems } from './topology-problems.js';

/** The section that an issue is about; one that is not there has only its name. */
export interface IssueSection {
  readonly name: string;
  readonly section: ConfSection | undefined;
  /** Where to look for a section that is not there. */
  readonly instead: ProblemPlace | undefined;
}

/**
 * Adds an issue of a schema to the problems, at the option that its path begins
 * with. One that names several unknown options without a path, as zod does, is a
 * problem of each of them.
 */
export function addIssue(
  issue: StandardSchemaV1.Issue,
  problems: TopologyProblems,
  { name, section, instead }: IssueSection,
): void {
  const path = (issue.path ?? []).map(keyOf);
  const unknown = path.length > 0 ? [] : unknownKeys(issue, section);
  for (const option of unknown) {
    problems.quote(issue.message, { section: name, option });
  }
  if (unknown.length > 0) return;
  const [option, ...rest] = path;
  const within = rest.map((key) => `[${key}]`).join('');
  const hint = hintAt(option, name, section);
  const place = { section: name, option, within };
  problems.quote(`${issue.message}${hint}`, place, instead);
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}

function unknownKeys(
  issue: object,
  section: ConfSection | undefined,
): readonly string[] {
  const keys: unknown = 'keys' in issue ? issue.keys : undefined;
  if (!Array.isArray(keys)) return [];
  return keys.filter(
    (key): key is string =>
      typeof key === 'string' && section?.get(key) !== undefined,
  );
}

/** For what is missing: what may be meant for it, or that all is missing. */
function hintAt(
  option: string | undefined,
  name: string,
  section: ConfSection | undefined,
): string {
  if (section === undefined) return `; there is no section [${name}]`;
  if (option === undefined || section.get(option) !== undefined) return '';
  const near = nearestName(option, section.options());
  return near === undefined ? '' : `; is it ${near}, misspelt?`;
}
