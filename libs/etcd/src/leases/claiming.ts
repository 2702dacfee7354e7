import { toBinary } from '@bufbuild/protobuf';
import type {
  ClaimAnswer,
  ClaimRequest,
  LeaseHolder,
} from 'nestjs-transitions/core';
import { EtcdError } from '../link/etcd-error.js';
import { TxnRequestSchema, type InnerTxnResponse } from '../wire/etcd_pb.js';
import type { Claimant } from './claimant.js';
import { FilledForm } from './filled-form.js';
import { FormerSessions, sessionsIn } from './former-sessions.js';
import { groupOf, groupsOf } from './groups.js';
import type { LeaseStore } from './lease-store.js';
import { Predecessors, type Claimable } from './predecessors.js';
import {
  choice,
  found,
  get,
  isUnderLease,
  isUnderNoLease,
  nestedAnswer,
  putOver,
} from './requests.js';
import {
  claimedValue,
  RecordReader,
  type VolumeRecord,
} from './volume-record.js';

/** So often a volume is looked at whose record changes before it is claimed. */
const mostLooks = 4;

/**
 * Claims volumes in two steps: it looks at their records, and asks about the
 * sessions that these name; and it writes those that are held as the claim says, if
 * the record is still the same, the sessions are still over, and its own one is not.
 */
export class Claiming {
  private readonly former: FormerSessions;
  private readonly predecessors: Predecessors;
  private readonly records = new RecordReader();
  private readonly looks: FilledForm;
  private readonly firstClaims: FilledForm;
  private isOver = false;

  constructor(
    private readonly store: LeaseStore,
    private readonly claimant: Claimant,
  ) {
    this.former = new FormerSessions(store);
    this.predecessors = new Predecessors(store, this.former);
    const { keys } = store;
    this.looks = new FilledForm(({ volume }) => get(keys.volume(volume)));
    const { owner, session } = claimant;
    const claimed = claimedValue(owner, session);
    this.firstClaims = new FilledForm(({ volume, revision }) =>
      putOver(keys.volume(volume), revision, claimed),
    );
  }

  /** Whether a claim has found that the session is over. */
  get isSessionOver(): boolean {
    return this.isOver;
  }

  /** Claims volumes, each named once and no more than go into one request. */
  async claim(
    claims: readonly ClaimRequest[],
    signal: AbortSignal,
  ): Promise<ClaimAnswer[]> {
    const answers = new Map<string, ClaimAnswer>();
    let open = claims;
    for (let look = 0; open.length > 0 && look < mostLooks; look++) {
      const claimable = await this.look(open, answers, signal);
      if (claimable.length > 0) await this.write(claimable, answers, signal);
      open = open.filter(({ volume }) => !answers.has(volume));
    }
    return claims.map(({ volume }) => answers.get(volume) ?? refused(volume));
  }

  /** Answers those claims that are refused. @returns the others */
  private async look(
    claims: readonly ClaimRequest[],
    answers: Map<string, ClaimAnswer>,
    signal: AbortSignal,
  ): Promise<readonly Claimable[]> {
    const blanks = claims.map(({ volume }) => ({ volume, revision: 0n }));
    const groups = groupsOf(blanks).map((group) => this.looks.encode(group));
    const looked = await this.store.transactGroups(groups, signal);
    const records = looked.answers
      .flatMap(({ responses }) => responses)
      .map((answer) => this.records.read(found(answer)));
    await this.former.ask(sessionsIn(records), signal);
    const claimable: Claimable[] = [];
    claims.forEach(({ volume, token }, index) => {
      const record = records[index]!;
      const holder = this.holderIn(record);
      const isAgain =
        holder?.session === this.claimant.session && holder.token === token;
      if (isAgain || (token === undefined && holder === undefined))
        claimable.push({ volume, record, isAgain });
      else answers.set(volume, refused(volume, holder));
    });
    return claimable;
  }

  /** Answers those that are claimed: the records of the others have changed. */
  private async write(
    claimable: readonly Claimable[],
    answers: Map<string, ClaimAnswer>,
    signal: AbortSignal,
  ): Promise<void> {
    const groups = groupsOf(claimable);
    const requests = groups.map((group) =>
      Buffer.concat([this.conditions(group), this.claims(group)]),
    );
    const made = await this.store.transactGroups(requests, signal);
    const claimed = groups.flatMap((group, index) =>
      this.claimedOf(group, made.answers[index]!),
    );
    const predecessors = await this.predecessors.of(claimed, signal);
    const token = made.revision;
    claimed.forEach(({ volume }, index) => {
      const predecessor = predecessors[index];
      answers.set(volume, { volume, token, predecessor });
    });
  }

  /** @throws EtcdError where the own session is over */
  private claimedOf(
    group: readonly Claimable[],
    { succeeded, responses }: InnerTxnResponse,
  ): readonly Claimable[] {
    if (succeeded)
      return group.filter(
        (_, index) => nestedAnswer(responses[index])!.succeeded,
      );
    const { session, lease } = this.claimant;
    if (found(responses[0])?.lease !== lease) {
      this.isOver = true;
      throw new EtcdError(`the session ${session} is over`);
    }
    // One that was over is there again, as after a restore.
    this.former.doubt(sessionsIn(group.map(({ record }) => record)));
    return [];
  }

  /** The bytes of what must be so, and of the question what is not. */
  private conditions(claimable: readonly Claimable[]): Uint8Array {
    const { keys } = this.store;
    const { session, lease } = this.claimant;
    const own = keys.session(session);
    const former = sessionsIn(claimable.map(({ record }) => record));
    former.delete(session);
    const areOver = [...former].map((each) =>
      isUnderNoLease(keys.session(each)),
    );
    const conditions = [isUnderLease(own, lease), ...areOver];
    return toBinary(TxnRequestSchema, choice(conditions, [], [get(own)]));
  }

  /** The bytes of what is to be done then. */
  private claims(claimable: readonly Claimable[]): Uint8Array {
    if (!claimable.some(({ isAgain }) => isAgain)) {
      const blanks = claimable.map(({ volume, record: { revision } }) => ({
        volume,
        revision,
      }));
      return this.firstClaims.encode(blanks);
    }
    const { keys } = this.store;
    const { owner, session } = this.claimant;
    return groupOf(
      claimable.map(({ volume, record: { revision, since }, isAgain }) => {
        const first = isAgain ? since : undefined;
        const claimed = claimedValue(owner, session, first);
        return putOver(keys.volume(volume), revision, claimed);
      }),
    );
  }

  private holderIn({ holder }: VolumeRecord): LeaseHolder | undefined {
    if (holder === undefined) return undefined;
    return this.former.isOver(holder.session) ? undefined : holder;
  }
}

function refused(volume: string, holder?: LeaseHolder): ClaimAnswer {
  return { volume, token: undefined, holder };
}
