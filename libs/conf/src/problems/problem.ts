/** A line of a configuration. */
export interface ConfPosition {
  /**
   * The path as the caller or an `.include` named it; absent for a text that
   * came from no file.
   */
  readonly path?: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * One thing that is wrong (in an error) or doubtful (in `ConfMap.warnings`),
 * with everything that is known about where it is.
 */
export interface ConfProblem {
  readonly path?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column?: number;
  readonly section?: string;
  readonly option?: string;
  /**
   * What is wrong, what was expected and what was found: one line without
   * control characters.
   */
  readonly message: string;
}

/** Makes a frozen position; the path may be missing. */
export function positionIn(
  path: string | undefined,
  line: number,
): ConfPosition {
  return Object.freeze(path === undefined ? { line } : { path, line });
}

/** Writes a problem as `file:line:column: message`, as far as that is known. */
export function formatProblem(problem: ConfProblem): string {
  const { path, line, column, message } = problem;
  const place = [
    path === undefined && line !== undefined ? '<text>' : path,
    line,
    column,
  ]
    .filter((part) => part !== undefined)
    .join(':');
  return place === '' ? message : `${place}: ${message}`;
}
