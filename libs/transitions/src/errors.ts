import { TransitionsError } from './core/model/errors.js';

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

/** Module options that make no sense; it lists all of them. */
export class TransitionsOptionsError extends TransitionsError {
  readonly code = 'TRANSITIONS_OPTIONS';

  constructor(readonly problems: readonly string[]) {
    super(`TransitionsModule: ${problems.join('; ')}`);
  }
}

/** Somebody else takes SIGHUP for a shutdown. */
export class SighupTakenError extends TransitionsError {
  readonly code = 'TRANSITIONS_SIGHUP_TAKEN';

  constructor() {
    super(
      "SIGHUP would shut the application down instead of reloading its configuration, because enableShutdownHooks() without a list takes every signal. Name the signals: app.enableShutdownHooks(['SIGTERM', 'SIGINT']). Or set reloadOnSighup: false.",
    );
  }
}
