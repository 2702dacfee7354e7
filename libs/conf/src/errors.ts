import { formatProblem, type ConfProblem } from './problem.js';

/** The codes of this library's errors, one for each class. */
export type ConfErrorCode = 'CONF_SYNTAX' | 'CONF_FILE' | 'CONF_VALUE';

/**
 * What every error of this library is. It lists all problems of all files at once, in reading order; its message
 * has a line for each, beginning with `file:line:column:`.
 */
export abstract class ConfError extends Error {
  abstract readonly code: ConfErrorCode;
  readonly problems: readonly ConfProblem[];

  constructor(
    summary: string,
    problems: readonly ConfProblem[],
    cause?: unknown,
  ) {
    super(describe(summary, problems), cause === undefined ? {} : { cause });
    this.name = new.target.name;
    this.problems = Object.freeze(
      problems.map((problem) => Object.freeze({ ...problem })),
    );
  }
}

/** The text breaks the rules of the format. */
export class ConfSyntaxError extends ConfError {
  readonly code = 'CONF_SYNTAX';
}

/**
 * A file is missing, unreadable, no regular file, outside the allowed folders, too large, not UTF-8, or never stood
 * still while it was read. Problems of the text of other files are listed too.
 */
export class ConfFileError extends ConfError {
  readonly code = 'CONF_FILE';
}

/** A value, a name or an override is missing or not what was asked for. */
export class ConfValueError extends ConfError {
  readonly code = 'CONF_VALUE';
}

function describe(summary: string, problems: readonly ConfProblem[]): string {
  if (problems.length === 1 && problems[0]) return formatProblem(problems[0]);
  const lines = problems.map((problem) => `  ${formatProblem(problem)}`);
  return [`${summary}: ${problems.length} problems`, ...lines].join('\n');
}
