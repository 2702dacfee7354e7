import type { LeaseChange } from 'nestjs-transitions/core';
import type { Store } from './asked-store.js';

/** A volume that nobody else touches. */
export const marker = 'marker';

/** All that changes from a revision on, but for what is done here. */
export class Following {
  readonly changes: LeaseChange[] = [];
  private readonly controller = new AbortController();
  private readonly ended: Promise<void>;
  private session: string | undefined;
  private marked: bigint | undefined;
  private heard = (): void => undefined;

  constructor(
    private readonly store: Store,
    revision: bigint,
  ) {
    this.ended = this.follow(revision);
    this.ended.catch(() => undefined);
  }

  /** Waits until all is told that has changed. */
  async catchUp(): Promise<void> {
    this.session ??= await this.store.open('marker');
    const { session, marked } = this;
    const answer = await this.store.claim(session, marker, marked);
    const token = answer?.token;
    if (token === undefined) throw new Error('the marker is not claimed');
    const told = new Promise<void>((resolve) => {
      this.heard = () => {
        if (this.marked === token) resolve();
      };
      this.heard();
    });
    await Promise.race([told, this.ended]);
  }

  async end(): Promise<void> {
    this.controller.abort();
    await this.ended;
  }

  private async follow(revision: bigint): Promise<void> {
    const { signal } = this.controller;
    for await (const some of this.store.follow(revision, signal)) {
      for (const change of some) {
        if (change.volume === marker) this.marked = change.revision;
        else this.changes.push(change);
      }
      this.heard();
    }
  }
}
