import type { LeaseSession, Release } from 'nestjs-transitions/core';
import { NetworkedLeases } from './network.js';
import type { JudgedPeer, World } from './world.js';

/** The port of one process, which notes what it does, for the laws. */
export class LedgerLeases extends NetworkedLeases {
  /** By session: when its last answered renewal was sent, by the monotonic clock. */
  private readonly sent = new Map<string, number>();

  constructor(
    private readonly peer: JudgedPeer,
    private readonly world: World,
  ) {
    super(world.linkOf(peer.machine), peer.machine);
  }

  /** When the last answered renewal of one of its sessions was sent. */
  renewedAt(session: string): number | undefined {
    return this.sent.get(session);
  }

  override async openSession(owner: string): Promise<LeaseSession> {
    const sent = this.peer.machine.now();
    const session = await super.openSession(owner);
    this.sent.set(session.id, sent);
    return {
      ...session,
      renew: async (signal) => {
        const sentAgain = this.peer.machine.now();
        const answer = await session.renew(signal);
        if (answer !== undefined && sentAgain > this.sent.get(session.id)!) {
          this.sent.set(session.id, sentAgain);
        }
        return answer;
      },
      release: (releases, signal) => {
        this.judge(releases);
        return session.release(releases, signal);
      },
      end: (signal) => {
        this.judgeEnd(session);
        return session.end(signal);
      },
      endInOrder: (signal) => {
        this.judgeEnd(session);
        return session.endInOrder(signal);
      },
    };
  }

  private judgeEnd({ id }: LeaseSession): void {
    for (const [volume, token] of this.peer.told) {
      if (this.world.store.sessionOf.get(token) !== id) continue;
      this.world.fail(
        `I36 ${this.peer.name} ends its session and serves ${volume}`,
      );
    }
  }

  private judge(releases: readonly Release[]): void {
    for (const { volume, token } of releases) {
      if (this.peer.told.get(volume) !== token) continue;
      this.world.fail(
        `I36 ${this.peer.name} releases ${volume} ${token} and serves it`,
      );
    }
  }
}
