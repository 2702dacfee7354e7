import { formatProblem, type ConfProblem } from './problem.js';

/** The codes of this library's errors, one for each class. */
export type ConfErrorCode = 'CONF_SYNTAX' | 'CONF_FILE' | 'CONF_VALUE';

/**
 * The base of all errors of this library. `problems` has all problems of all
 * files, in reading order, and the message has a line for each of them, which
 * begins with `file:line:column:`.
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

  /** For JSON.stringify, which leaves out the message of an error. */
  toJSON(): object {
    const { name, message, code, problems, cause } = this;
    return {
      name,
      message,
      code,
      problems,
      ...(cause === undefined ? {} : { cause: causeAsJson(cause) }),
    };
  }
}

function causeAsJson(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  const { name, message } = cause;
  return { name, message, ...('code' in cause ? { code: cause.code } : {}) };
}

/** The text breaks the rules of the format. */
export class ConfSyntaxError extends ConfError {
  readonly code = 'CONF_SYNTAX';
}

/**
 * A file is missing, unreadable, no regular file, outside of the allowed
 * folders, too large or not UTF-8, or it kept changing while it was read.
 * `cause` is what the system said, where it said something. Syntax problems of
 * the other files are listed too.
 */
export class ConfFileError extends ConfError {
  readonly code = 'CONF_FILE';
}

/** A value, a name or an override is missing or is not what was expected. */
export class ConfValueError extends ConfError {
  readonly code = 'CONF_VALUE';
}

function describe(summary: string, problems: readonly ConfProblem[]): string {
  if (problems.length === 1 && problems[0]) return formatProblem(problems[0]);
  const lines = problems.map((problem) => `  ${formatProblem(problem)}`);
  return [`${summary}: ${problems.length} problems`, ...lines].join('\n');
}
