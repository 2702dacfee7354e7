import { Logger } from '@nestjs/common';
import type { CoordinatorPorts } from '../core/coordinator-ports.js';
import { Coordinator } from '../core/coordinator.js';
import type { StoreMemory } from '../core/leases/lease-ports.js';
import { keepLeases } from '../ports/keep-leases.js';
import { LeaseStoreFile } from '../ports/lease-store-file.js';
import { TransitionStateError } from '../core/model/errors.js';
import type { Participant } from '../core/model/participant.js';
import type { Lifecycle } from '../core/state/snapshot.js';
import {
  defaultSettings,
  type TransitionSettings,
} from '../core/transition/settings.js';
import type { NormalizedOptions } from '../options/transitions.options.js';
import { ParticipantRegistry } from '../participants/participant.registry.js';
import { formatPhaseTable } from '../participants/phase-table.js';
import { EventStream } from '../ports/event-stream.js';
import { AsyncReentrancyGuard } from '../ports/reentrancy-guard.js';
import { systemClock } from '../ports/system-clock.js';
import { StartHooks } from './start-hooks.js';

/**
 * The coordinator, which is made as late as possible: once it is there, no
 * participant can be added.
 */
export class LateCoordinator {
  private readonly logger = new Logger('Transitions');
  private made: Coordinator | undefined;
  /** Lets nobody into a volume that has failed. */
  onShut: (volumeName: string) => void = () => {};
  /** Lets requests into it again. */
  onReopened: (volumeName: string) => void = () => {};
  private readonly waiting: ((coordinator: Coordinator) => void)[] = [];

  constructor(
    private readonly registry: ParticipantRegistry,
    private readonly hooks: StartHooks,
    private readonly events: EventStream,
  ) {}

  /** Undefined as long as participants can be added. */
  get current(): Coordinator | undefined {
    return this.made;
  }

  get lifecycle(): Lifecycle {
    if (this.made === undefined) return 'idle';
    // A snapshot would name every volume.
    return this.made.isHealthy ? 'up' : this.made.snapshot().lifecycle;
  }

  /** @throws TransitionStateError when no participant can be added any more. */
  refuseIfMade(what: string): void {
    if (this.made === undefined) return;
    throw new TransitionStateError(
      what,
      this.lifecycle,
      'participants must be there before the first callback',
    );
  }

  /** Resolves when the coordinator has been asked to go up, or down; that a caller has to wait is warned of. */
  async whenAsked(caller?: string): Promise<Coordinator> {
    if (this.made !== undefined) return this.made;
    if (caller !== undefined) this.hooks.warnOfWaiting(caller);
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  /** The coordinator has been asked to go up, or down: what waited may ask it too. */
  asked(coordinator: Coordinator): void {
    for (const resolve of this.waiting.splice(0)) resolve(coordinator);
  }

  /**
   * For the boot: with all participants.
   *
   * @throws ParticipantError when they cannot be run.
   */
  make({
    settings,
    schemas,
    leases,
    leaseStoreFile,
  }: NormalizedOptions): Coordinator {
    if (this.made !== undefined) return this.made;
    const { participants, warnings } = this.registry.ordered();
    for (const warning of warnings) this.logger.warn(warning);
    this.logger.log(`Participants:\n${formatPhaseTable(participants)}`);
    return (this.made = this.coordinatorOf(participants, settings, {
      schemas,
      leases: leases && keepLeases(leases, memoryIn(leaseStoreFile)),
    }));
  }

  /**
   * For a Down before the boot: without participants, since neither what is wrong
   * with them nor with the options may keep an application from closing.
   */
  makeIdle(): Coordinator {
    return (this.made ??= this.idle());
  }

  /**
   * One to ask, whether or not participants can still be added.
   *
   * @throws ParticipantError
   */
  preview(settings: TransitionSettings): Coordinator {
    return (
      this.made ??
      this.coordinatorOf(this.registry.ordered().participants, settings)
    );
  }

  /** One that has no participants, and holds nothing. */
  idle(): Coordinator {
    return this.coordinatorOf([], defaultSettings);
  }

  private coordinatorOf(
    participants: readonly Participant[],
    settings: TransitionSettings,
    more: Pick<CoordinatorPorts, 'schemas' | 'leases'> = {},
  ): Coordinator {
    return new Coordinator(participants, {
      settings,
      ...more,
      clock: systemClock,
      random: Math.random,
      shut: (volumeName) => this.onShut(volumeName),
      reopen: (volumeName) => this.onReopened(volumeName),
      sink: this.events,
      guard: new AsyncReentrancyGuard(),
    });
  }
}

function memoryIn(path: string | undefined): StoreMemory | undefined {
  return path === undefined ? undefined : new LeaseStoreFile(path);
}
