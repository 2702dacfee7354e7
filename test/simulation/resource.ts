/** A volume's data: the last word on who serves it. */
export class Resource {
  /** Writes with an older token, which were turned away. */
  refused = 0;
  accepted = 0;
  private newest = 0n;
  private last = { peer: '', token: 0n };

  constructor(
    readonly volume: string,
    /** A seeded bug where it does not. */
    private readonly checksTokens: boolean,
  ) {}

  /** Returns what is wrong if an older token is accepted after a newer one. */
  write(peer: string, token: bigint): string | undefined {
    if (this.checksTokens && !(token >= this.newest)) {
      this.refused++;
      return undefined;
    }
    if (!(token >= this.last.token)) {
      return `I32 a stale write was accepted: ${this.volume} by ${peer} with ${token}, after ${this.last.peer} with ${this.last.token}`;
    }
    this.newest = token;
    this.last = { peer, token };
    this.accepted++;
    return undefined;
  }

  /** After a loss of all data an operator lets tokens begin again. */
  reset(): void {
    this.newest = 0n;
    this.last = { peer: '', token: 0n };
  }
}
