import type { Configuration } from '../configuration/configuration.js';
import type { ParticipantState } from '../model/participant.js';
import type { RealState } from './real-state.js';

/**
 * What the reloads since superseded have left to the one that goes on: where
 * they began, and what they let go.
 */
export interface TakenOver {
  /** What the participants held when the first of them began. */
  readonly startStates: readonly ParticipantState[];
  /**
   * Volumes for which an unserveVolume was issued because another peer was to
   * serve them. Undoing does not serve them.
   */
  readonly letGo: ReadonlySet<string>;
}

/** Which configuration is in force, and which one is on its way there. */
export class InForce {
  private current: Configuration | undefined;
  private lastBegun: Configuration | undefined;
  private onItsWay: Configuration | undefined;
  private lastGeneration = 0;
  /** Undefined where the last transition was not superseded. */
  takenOver: TakenOver | undefined;

  constructor(private readonly state: RealState) {}

  /** Undefined before the boot is done. */
  get configuration(): Configuration | undefined {
    return this.current;
  }

  /**
   * The configuration that the running transition brings into force, or undoes;
   * undefined if there is none. A loss that has pre-empted a reload leaves it.
   */
  get coming(): Configuration | undefined {
    return this.onItsWay;
  }

  /** The generation of the configuration in force; 0 if there is none. */
  get generation(): number {
    return this.current?.generation ?? 0;
  }

  /**
   * The generation of the next configuration: higher than any that a step has
   * seen.
   */
  get nextGeneration(): number {
    return this.lastGeneration + 1;
  }

  /**
   * The configuration by which something may be held: the one in force, or else
   * that of a boot that has begun.
   */
  get held(): Configuration | undefined {
    return this.current ?? this.lastBegun;
  }

  /** The first step towards a configuration is about to begin. */
  begin(configuration: Configuration): void {
    this.lastBegun = configuration;
    this.onItsWay = configuration;
    this.lastGeneration = Math.max(
      this.lastGeneration,
      configuration.generation,
    );
  }

  /** The transition is over, however it ended, and does not go on. */
  end(): void {
    this.onItsWay = undefined;
  }

  /** The configuration is in force from now on. */
  put(configuration: Configuration): void {
    this.current = configuration;
    this.state.wanted = configuration.topology;
    this.state.failures.keepOf(configuration.generation);
  }
}
