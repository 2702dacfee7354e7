/** An invariant that did not hold. */
export interface Violation {
  /** Its number in docs/reliability.md, such as `I9`. */
  readonly invariant: string;
  readonly message: string;
}

/** Thrown by a check when invariants did not hold. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';

  constructor(
    readonly violations: readonly Violation[],
    /** The last calls before it, as lines. */
    readonly log: readonly string[],
  ) {
    super(
      [
        ...violations.map(
          ({ invariant, message }) => `${invariant}: ${message}`,
        ),
        'The calls before that:',
        ...log.map((line) => `  ${line}`),
      ].join('\n'),
    );
  }
}
