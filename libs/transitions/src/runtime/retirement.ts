import { Loading, type LoadRequest } from '../core/configuration/loading.js';
import { systemClock } from '../ports/system-clock.js';
import { startTimer } from '../ports/timers.js';
import { LateCoordinator } from './late-coordinator.js';

/**
 * The time between the decision to shut down and Down itself, in which load
 * balancers notice that the process is not ready any more. In it nothing is
 * served that was not served before: reloads are refused. One that would take
 * something away ends it instead, because another peer may serve that by now:
 * it leaves with all the rest, at once.
 */
export class Retirement {
  private state: 'not begun' | 'under way' | 'over' = 'not begun';
  private end = (): void => {};

  constructor(private readonly coordinator: LateCoordinator) {}

  get hasBegun(): boolean {
    return this.state !== 'not begun';
  }

  get isUnderWay(): boolean {
    return this.state === 'under way';
  }

  /** Resolves when it is over: after so many milliseconds, or earlier. */
  async begin(milliseconds: number): Promise<void> {
    this.state = 'under way';
    this.coordinator.current?.retire();
    if (milliseconds > 0) await this.wait(milliseconds);
    this.state = 'over';
  }

  /** A reload was refused: ends at once if it would have taken something away. Never rejects. */
  async consider(request: LoadRequest, timeLimit: number): Promise<void> {
    try {
      const confMap = await new Loading(request, timeLimit, systemClock).run();
      const plan = this.coordinator.current?.plan(confMap);
      if (plan !== undefined && plan.delta.volumesUnserved > 0) this.end();
    } catch {
      // A configuration that cannot be had, or makes no sense, takes nothing away.
    }
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const cancel = startTimer(resolve, milliseconds);
      this.end = () => {
        cancel();
        resolve();
      };
    });
  }
}
