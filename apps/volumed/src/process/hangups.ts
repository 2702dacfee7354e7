/**
 * Listens to SIGHUP from the moment it is made: one that finds no listener ends
 * the process, and a service manager takes that for a clean exit. Make it before
 * anything else is loaded.
 */
export class Hangups {
  private came = false;
  private handle = (): void => {
    this.came = true;
  };

  constructor() {
    process.on('SIGHUP', () => this.handle());
  }

  /** Calls back for each SIGHUP from now on, and at once when one has come before. */
  listen(handle: () => void): void {
    this.handle = handle;
    if (this.came) handle();
  }
}
