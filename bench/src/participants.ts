import type { TransitionCallbacks } from 'nestjs-transitions';
import type { Participant } from './core.js';

/** The number of participants to which the targets refer. */
export const participantCount = 8;

/** How callbacks return. */
export type Pace = 'at once' | 'async';

/** A participant that has every callback, none of which does anything. */
class IdleParticipant implements TransitionCallbacks {
  validate(): void {}
  up(): void {}
  down(): void {}
  volumeGroupCreated(): void {}
  volumeGroupMoved(): void {}
  volumeGroupChanged(): void {}
  volumeGroupDestroyed(): void {}
  volumeCreated(): void {}
  volumeMoved(): void {}
  volumeChanged(): void {}
  volumeDestroyed(): void {}
  serveVolume(): void {}
  volumeToBeUnserved(): void {}
  volumeUnserveCancelled(): void {}
  unserveVolume(): void {}
  signaledStart(): void {}
  signaledFinish(): void {}
}

/** The same, but every callback is `async`. */
class IdleAsyncParticipant implements TransitionCallbacks {
  async validate(): Promise<void> {}
  async up(): Promise<void> {}
  async down(): Promise<void> {}
  async volumeGroupCreated(): Promise<void> {}
  async volumeGroupMoved(): Promise<void> {}
  async volumeGroupChanged(): Promise<void> {}
  async volumeGroupDestroyed(): Promise<void> {}
  async volumeCreated(): Promise<void> {}
  async volumeMoved(): Promise<void> {}
  async volumeChanged(): Promise<void> {}
  async volumeDestroyed(): Promise<void> {}
  async serveVolume(): Promise<void> {}
  async volumeToBeUnserved(): Promise<void> {}
  async volumeUnserveCancelled(): Promise<void> {}
  async unserveVolume(): Promise<void> {}
  async signaledStart(): Promise<void> {}
  async signaledFinish(): Promise<void> {}
}

/**
 * Participants that do nothing. Each is an object of its own, as in a service.
 */
export function idleParticipants(count: number): Participant[] {
  return enlist(count, () => new IdleParticipant());
}

/** Participants that do nothing and return promises. */
export function idleAsyncParticipants(count: number): Participant[] {
  return enlist(count, () => new IdleAsyncParticipant());
}

/** Which calls of serveVolume fail. They are counted over all participants that share it, from 1 on. */
export class Faults {
  private calls = 0;
  private fails: (call: number) => boolean = () => false;

  /** From now on these fail. */
  plan(fails: (call: number) => boolean): void {
    this.calls = 0;
    this.fails = fails;
  }

  /** From now on none fails. */
  clear(): void {
    this.plan(() => false);
  }

  /** A call is made. @throws Error where it is to fail. */
  call(): void {
    this.calls++;
    if (this.fails(this.calls)) throw new Error('as planned');
  }
}

class FaultyParticipant extends IdleParticipant {
  constructor(private readonly faults: Faults) {
    super();
  }

  override serveVolume(): void {
    this.faults.call();
  }
}

class FaultyAsyncParticipant extends IdleAsyncParticipant {
  constructor(private readonly faults: Faults) {
    super();
  }

  override async serveVolume(): Promise<void> {
    this.faults.call();
  }
}

/** Participants that do nothing, and fail where they are to. */
export function faultyParticipants(
  count: number,
  pace: Pace,
  faults: Faults,
): Participant[] {
  return enlist(count, () =>
    pace === 'async'
      ? new FaultyAsyncParticipant(faults)
      : new FaultyParticipant(faults),
  );
}

/** Makes participants one by one, in ascending order. */
export function enlist(
  count: number,
  make: () => TransitionCallbacks,
  concurrency = 1,
): Participant[] {
  return Array.from({ length: count }, (_, order) => ({
    name: `p${order}`,
    order,
    callbacks: make(),
    concurrency,
    timeout: undefined,
  }));
}
