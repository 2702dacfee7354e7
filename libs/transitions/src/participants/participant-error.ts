import { TransitionsError } from '../core/model/errors.js';

/** Participants that cannot be run; it lists everything that is wrong with them. */
export class ParticipantError extends TransitionsError {
  readonly code = 'TRANSITIONS_PARTICIPANT';

  constructor(readonly problems: readonly string[]) {
    super(
      problems.length === 1
        ? `The participants cannot be run: ${problems[0]!}`
        : `The participants cannot be run:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
}
