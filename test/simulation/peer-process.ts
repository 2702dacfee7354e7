import {
  LeaseKeeper,
  LeaseStoreNotFoundError,
  type HeldVolume,
  type LeaseListener,
  type LossReason,
  type StoreMemory,
  type WaitingVolume,
} from 'nestjs-transitions/core';
import { LedgerLeases } from './ledger-leases.js';
import type { Machine } from './machine.js';
import type { Configuration, JudgedPeer, World } from './world.js';

/** How long a write is on its way, in milliseconds. */
export const longestWrite = 150;

/**
 * One process of a peer: the lease logic of production, with a small coordinator,
 * one participant that takes its time, and users who write.
 */
export class PeerProcess implements LeaseListener, JudgedPeer {
  /** What the participant was told to serve and has not let go of, with the token. */
  readonly told = new Map<string, bigint>();
  readonly leases: LedgerLeases;
  readonly keeper: LeaseKeeper;
  /** While it is so, unserve fails. */
  unserveFails = false;
  private readonly open = new Map<string, bigint>();
  private configuration: Configuration | undefined;
  private lostVolumes: string[] = [];
  /** While it goes down: what it is to release. */
  private readonly unserved: string[] = [];
  private isDue = false;
  private isRunning = false;
  private running: Promise<void> = Promise.resolve();
  private isGoingDown = false;
  private confirmed: string | undefined;

  constructor(
    readonly machine: Machine,
    private readonly world: World,
    memory: StoreMemory,
  ) {
    const { bugs, chance } = world;
    this.leases = new LedgerLeases(this, world);
    const ports = {
      leases: bugs.wrapLeases?.(this.leases) ?? this.leases,
      clock: machine,
      wallClock: bugs.ignoresWallClock
        ? (): number => machine.now()
        : machine.wall,
      random: chance.next,
      ...(bugs.forgetsStore ? {} : { memory }),
    };
    const Keeper = bugs.keeper ?? LeaseKeeper;
    const settings = { owner: machine.name, callTimeout: 1_000 };
    this.keeper = new Keeper(ports, settings, this);
    this.keeper.start();
    this.writeLater();
  }

  get name(): string {
    return this.machine.name;
  }

  get waiting(): readonly WaitingVolume[] {
    return this.keeper.waiting;
  }

  renewedAt(session: string): number | undefined {
    return this.leases.renewedAt(session);
  }

  /** Whether it would let a request in at this moment. */
  letsIn(volume: string): boolean {
    const token = this.told.get(volume);
    if (token === undefined) return false;
    if (this.world.bugs.gateDoesNotCheck) return this.open.has(volume);
    return this.keeper.holds(volume) === token;
  }

  reconfigure(configuration: Configuration): void {
    if (configuration.version < (this.configuration?.version ?? 0)) return;
    this.configuration = configuration;
    this.apply();
  }

  lost(volumes: readonly string[], reason: LossReason): void {
    this.world.noteLoss(this, volumes, reason);
    for (const volume of volumes) this.open.delete(volume);
    this.lostVolumes.push(...volumes);
    this.run();
  }

  free(): void {
    this.apply();
  }

  session(): void {
    this.confirm();
  }

  /** An operator confirms a store, now or as soon as it is found. */
  confirmStore(storeId: string): void {
    this.confirmed = storeId;
    this.confirm();
  }

  /** SIGTERM: what is served is let go, and the process ends. */
  async goDown(): Promise<void> {
    this.isGoingDown = true;
    await this.running;
    await this.unserve([...this.told.keys()]);
    this.keeper.beginToEnd();
    for (const volume of this.unserved.splice(0)) this.release(volume);
    await this.keeper.end();
    this.world.exited(this.machine);
  }

  private confirm(): void {
    const { confirmed } = this;
    if (confirmed === undefined) return;
    try {
      this.keeper.confirmStore(confirmed);
      this.world.trace(`${this.name} uses ${confirmed}`);
      this.confirmed = undefined;
    } catch (error) {
      // It is told when it has found that.
      if (!(error instanceof LeaseStoreNotFoundError)) throw error;
    }
  }

  private apply(): void {
    this.isDue = true;
    this.run();
  }

  private run(): void {
    if (!this.isRunning) this.running = this.work();
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    // First, whatever called has its own to do.
    await Promise.resolve();
    for (;;) {
      if (this.lostVolumes.length > 0) await this.letGoOfLost();
      else if (this.isDue && !this.isGoingDown) {
        this.isDue = false;
        await this.bringIntoForce();
      } else break;
    }
    this.isRunning = false;
  }

  private async letGoOfLost(): Promise<void> {
    const volumes = this.lostVolumes.splice(0);
    for (const volume of volumes) {
      if (!this.told.has(volume)) continue;
      await this.pause(1, 100);
      this.told.delete(volume);
    }
    this.keeper.wait(volumes.filter((volume) => this.isWanted(volume)));
  }

  private async bringIntoForce(): Promise<void> {
    const { keeper } = this;
    const waiting = keeper.waiting.map(({ volume }) => volume);
    keeper.unwait(waiting.filter((volume) => !this.isWanted(volume)));
    const leaving = [...this.told.keys()].filter((it) => !this.isWanted(it));
    await this.unserve(leaving);
    if (this.isPreempted()) return;
    const coming = [...this.configuration!.peerOf.keys()].filter(
      (volume) => this.isWanted(volume) && !this.told.has(volume),
    );
    const claimed = await keeper.claim(coming);
    for (const claim of claimed.values()) {
      const { volume, token } = claim;
      if (this.isPreempted()) keeper.release(volume);
      else if (keeper.holds(volume) === token) await this.serve(claim);
    }
  }

  /** Whether something was lost: that goes first, and this again later. */
  private isPreempted(): boolean {
    if (this.lostVolumes.length > 0) this.isDue = true;
    return this.isDue;
  }

  private async unserve(volumes: readonly string[]): Promise<void> {
    const { bugs, chance } = this.world;
    for (const volume of volumes) {
      this.open.delete(volume);
      if (bugs.releasesBeforeUnserve) this.keeper.release(volume);
      // A participant lets its writes end before it has let go.
      await this.pause(1.2 * longestWrite, 2 * longestWrite);
      if (this.unserveFails) {
        this.world.trace(`${this.name} fails to unserve ${volume}`);
        if (bugs.releasesAfterFailedUnserve) this.keeper.release(volume);
        continue;
      }
      this.told.delete(volume);
      this.world.trace(`${this.name} unserved ${volume}`);
      // Now and then it is rolled back, and served again.
      const mayKeep = !this.isGoingDown && this.lostVolumes.length === 0;
      const isKept = mayKeep && chance.happens(0.1);
      if (isKept) this.isDue = true;
      if (this.isGoingDown) this.unserved.push(volume);
      else if (!isKept || !(await this.serveAgain(volume))) {
        this.release(volume);
      }
    }
  }

  /** Some leave a note, and some do not. */
  private release(volume: string): void {
    this.keeper.release(volume, volume < 'C' ? '' : 'left in order');
  }

  private async serveAgain(volume: string): Promise<boolean> {
    const claimed = (await this.keeper.claim([volume])).get(volume);
    if (claimed === undefined) {
      this.keeper.unwait([volume]);
      return false;
    }
    if (this.keeper.holds(volume) === claimed.token) {
      await this.serve(claimed);
    }
    return true;
  }

  private async serve(claimed: HeldVolume): Promise<void> {
    const { volume, token } = claimed;
    this.world.serves(this, claimed);
    this.told.set(volume, token);
    await this.pause(0, 80);
    if (this.keeper.holds(volume) === token) this.open.set(volume, token);
  }

  private isWanted(volume: string): boolean {
    return this.configuration?.peerOf.get(volume) === this.name;
  }

  private writeLater(): void {
    const pause = this.world.chance.between(60, 180);
    this.machine.startTimer(() => {
      const { losses } = this.world;
      for (const [volume, token] of this.open) this.begin(volume, token);
      this.writeLater();
      return this.world.losses === losses ? 'quiet' : undefined;
    }, pause);
  }

  /** A request; now and then something slow comes between its check and its write. */
  private begin(volume: string, token: bigint): void {
    const { chance } = this.world;
    if (!chance.happens(0.03)) return this.write(volume, token);
    const delay = chance.between(0, 3_000);
    this.machine.startTimer(() => this.write(volume, token), delay);
  }

  private write(volume: string, token: bigint): void {
    const isOurs = this.world.bugs.gateDoesNotCheck
      ? this.open.get(volume) === token
      : this.keeper.holds(volume) === token;
    if (isOurs) this.world.write(this, volume, token);
  }

  private pause(least: number, most: number): Promise<void> {
    const milliseconds = this.world.chance.between(least, most);
    return new Promise((resolve) => {
      this.machine.startTimer(resolve, milliseconds);
    });
  }
}
