import { TransitionsError } from '../core/model/errors.js';

/** Nest would shut the application down on SIGHUP. */
export class SighupTakenError extends TransitionsError {
  readonly code = 'TRANSITIONS_SIGHUP_TAKEN';

  constructor() {
    super(
      "SIGHUP would shut the application down instead of reloading its configuration, because enableShutdownHooks() without a list takes every signal. Name the signals: app.enableShutdownHooks(['SIGTERM', 'SIGINT']). Or set reloadOnSighup: false.",
    );
  }
}
