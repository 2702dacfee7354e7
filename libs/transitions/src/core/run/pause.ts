/**
 * Keeps the steps of a transition from beginning while participants are asked
 * something else, so that nobody has two callbacks at once. Those in flight end
 * first.
 */
export class Pause {
  /** Whether no step may begin. A field: it is read before each step. */
  isOn = false;
  private isAtRest = true;
  private goOn: (() => void)[] = [];
  private atRest: ((isAtRest: boolean) => void) | undefined;

  /**
   * No step begins from now on. Resolves once none is in flight: to false where
   * the pause has ended before.
   */
  async begin(): Promise<boolean> {
    this.isOn = true;
    if (this.isAtRest) return true;
    return new Promise((resolve) => {
      this.atRest = resolve;
    });
  }

  /** Steps go on. */
  end(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this.tell(false);
    for (const goOn of this.goOn.splice(0)) goOn();
  }

  /** A plan begins or ends. Between two of them there is no step to wait for. */
  setRunning(isRunning: boolean): void {
    this.isAtRest = !isRunning;
    if (!isRunning) this.tell(true);
  }

  /**
   * No step of the plan is in flight, and none begins. Resolves when they may.
   * What waits for it goes on as part of the transition, not of who ends the pause.
   */
  async over(): Promise<void> {
    if (!this.isOn) return;
    await new Promise<void>((resolve) => {
      this.goOn.push(resolve);
      this.tell(true);
    });
  }

  private tell(isAtRest: boolean): void {
    if (!this.isOn && isAtRest) return;
    this.atRest?.(isAtRest);
    this.atRest = undefined;
  }
}
