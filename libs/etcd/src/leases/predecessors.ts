import type { Predecessor } from 'nestjs-transitions/core';
import { EtcdError, status } from '../link/etcd-error.js';
import { sessionsIn, type FormerSessions } from './former-sessions.js';
import type { LeaseStore } from './lease-store.js';
import { found, get, getAsOf } from './requests.js';
import { noteIn, RecordReader, type VolumeRecord } from './volume-record.js';

/** A volume that may be claimed, as its record said. */
export interface Claimable {
  readonly volume: string;
  readonly record: VolumeRecord;
  /** It is the claimer's own already. */
  readonly isAgain: boolean;
}

/** A volume, and what its record was before whoever holds it had it. */
interface Before {
  readonly volume: string;
  readonly record: VolumeRecord | undefined;
}

/** Who had volumes before whoever has claimed them. */
export class Predecessors {
  private readonly records = new RecordReader();

  constructor(
    private readonly store: LeaseStore,
    /** It was asked about the sessions that the records name. */
    private readonly former: FormerSessions,
  ) {}

  /** In the order of what was claimed, which is no more than goes into one request. */
  async of(
    claimed: readonly Claimable[],
    signal: AbortSignal,
  ): Promise<readonly (Predecessor | undefined)[]> {
    const again = claimed.filter(({ isAgain }) => isAgain);
    const histories = await this.historyOf(again, signal);
    const before = claimed.map(({ volume, record, isAgain }): Before => ({
      volume,
      record: isAgain ? histories.get(volume) : record,
    }));
    const noted = before.filter(({ record }) => record?.isNoted === true);
    const notes = await this.notesOf(noted, signal);
    return before.map(({ volume, record }) =>
      this.predecessorIn(record, notes.get(volume)),
    );
  }

  /** What their records were before they were claimed first by whoever claims them again. */
  private async historyOf(
    again: readonly Claimable[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, VolumeRecord>> {
    if (again.length === 0) return new Map();
    const { store, records, former } = this;
    try {
      const questions = again.map(({ volume, record: { since } }) =>
        getAsOf(store.keys.volume(volume), since - 1n),
      );
      const answers = await store.askAll(questions, signal);
      const histories = answers.map((answer) => records.read(found(answer)));
      await former.ask(sessionsIn(histories), signal);
      return new Map(
        again.map(({ volume }, index) => [volume, histories[index]!]),
      );
    } catch (error) {
      // If that is compacted, nobody is known.
      if (error instanceof EtcdError && error.code === status.outOfRange)
        return new Map();
      throw error;
    }
  }

  /** A note that is not that of the last release is '': it was left with an earlier one. */
  private async notesOf(
    noted: readonly Before[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    if (noted.length === 0) return new Map();
    const { keys } = this.store;
    const questions = noted.map(({ volume }) => get(keys.note(volume)));
    const answers = await this.store.askAll(questions, signal);
    return new Map(
      noted.map(({ volume, record }, index) => {
        const token = record?.last?.token ?? 0n;
        return [volume, noteIn(found(answers[index]), token)];
      }),
    );
  }

  private predecessorIn(
    record: VolumeRecord | undefined,
    note = '',
  ): Predecessor | undefined {
    const { holder, last } = record ?? {};
    if (last === undefined) return undefined;
    const end = holder && this.former.endOf(holder.session);
    return { ...last, end: end ?? last.end, note };
  }
}
