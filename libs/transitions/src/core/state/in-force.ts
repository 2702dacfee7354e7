import type { Configuration } from '../configuration/configuration.js';
import type { RealState } from './real-state.js';

/** Which configuration is in force, and which ones were on their way there. */
export class InForce {
  private current: Configuration | undefined;
  private lastBegun: Configuration | undefined;
  private onItsWay: Configuration | undefined;
  private lastGeneration = 0;

  constructor(private readonly state: RealState) {}

  /** Undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.current;
  }

  /**
   * The one that a transition brings into force, or undoes; undefined while none
   * does.
   */
  get coming(): Configuration | undefined {
    return this.onItsWay;
  }

  /** Of the configuration in force; 0 while there is none. */
  get generation(): number {
    return this.current?.generation ?? 0;
  }

  /** What the next configuration that is accepted has: no step ever saw a higher one. */
  get nextGeneration(): number {
    return this.lastGeneration + 1;
  }

  /** From which something may be held: the one in force, else that of a boot which began. */
  get held(): Configuration | undefined {
    return this.current ?? this.lastBegun;
  }

  /** The first step towards a configuration is about to be taken. */
  begin(configuration: Configuration): void {
    this.lastBegun = configuration;
    this.onItsWay = configuration;
    this.lastGeneration = Math.max(
      this.lastGeneration,
      configuration.generation,
    );
  }

  /** The transition is over, whatever became of it. */
  end(): void {
    this.onItsWay = undefined;
  }

  /** It is in force from now on. */
  put(configuration: Configuration): void {
    this.current = configuration;
    this.state.wanted = configuration.topology;
    this.state.failures.keepOf(configuration.generation);
  }
}
