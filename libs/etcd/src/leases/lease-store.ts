import { create } from '@bufbuild/protobuf';
import type { EtcdLink } from '../link/etcd-link.js';
import { EtcdError } from '../link/etcd-error.js';
import {
  GroupedTxnRequestSchema,
  ResponseHeaderSchema,
  type InnerTxnResponse,
  type KeyValue,
  type RequestOp,
  type ResponseHeader,
  type TxnRequest,
  type TxnResponse,
} from '../wire/etcd_pb.js';
import { groupedTxn, txn, type Method } from '../wire/methods.js';
import { groupOf, groupsOf } from './groups.js';
import type { LeaseKeys } from './lease-keys.js';
import {
  allOf,
  choice,
  found,
  foundMany,
  get,
  getAll,
  isMissing,
  nestedAnswer,
  put,
} from './requests.js';

/**
 * The keys of a namespace in etcd, and what makes sure that it is still the same
 * etcd: one that lost its data may keep its cluster id, as that is computed from
 * the addresses of its members. So the namespace has an identity, which is lost
 * with the data; and revisions must not go back, as they do after a restore.
 */
export class LeaseStore {
  private newest = 0n;
  private wentBack: string | undefined;
  /** Without the id of the cluster. */
  private identity: string | undefined;

  constructor(
    readonly link: EtcdLink,
    readonly keys: LeaseKeys,
  ) {}

  transact(request: TxnRequest, signal: AbortSignal): Promise<TxnResponse> {
    return this.send(txn, request, signal);
  }

  /**
   * Several transactions in one, each decided on its own. See groups.ts.
   *
   * @param groups - the bytes of a TxnRequest each
   */
  async transactGroups(
    groups: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<{
    /** In which all that was written was written. */
    readonly revision: bigint;
    /** In the order of the groups. */
    readonly answers: readonly InnerTxnResponse[];
  }> {
    const request = create(GroupedTxnRequestSchema, {
      success: groups.map((requestTxn) => ({ requestTxn })),
    });
    const { header, responses } = await this.send(groupedTxn, request, signal);
    const answers = responses.map((group) => nestedAnswer(group)!);
    return { revision: header!.revision, answers };
  }

  /** The answers to as many questions as go into one request, in their order. */
  async askAll(
    questions: readonly RequestOp[],
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    const groups = groupsOf(questions).map(groupOf);
    const { answers } = await this.transactGroups(groups, signal);
    return answers.flatMap(({ responses }) => responses);
  }

  private async send<Request>(
    method: Method<Request, TxnResponse>,
    request: Request,
    signal: AbortSignal,
  ): Promise<TxnResponse> {
    if (this.wentBack !== undefined) throw new EtcdError(this.wentBack);
    const known = this.newest;
    const answer = await this.link.call(method, request, signal);
    const { revision } = headerOf(answer);
    if (revision < known) {
      this.wentBack = `etcd went back from revision ${known} to ${revision}: if it was restored from a backup, tokens may come twice. See to it that nobody serves then, and start this process again`;
      throw new EtcdError(this.wentBack);
    }
    if (revision > this.newest) this.newest = revision;
    return answer;
  }

  /**
   * Whether it has gone back, or is another store, which begins with revisions of its
   * own: one that lost its data has another identity, or none yet. That a store is
   * another one is for the caller to find.
   */
  async lookAgain(signal: AbortSignal): Promise<void> {
    if (this.wentBack === undefined) return;
    const request = allOf([get(this.keys.store)]);
    const { header, responses } = await this.link.call(txn, request, signal);
    const identity = found(responses[0]);
    if (identity !== undefined && textOf(identity) === this.identity) return;
    this.newest = header!.revision;
    this.wentBack = undefined;
  }

  /** All sessions and records, by one consistent view, and the identity of the store. */
  async list(signal: AbortSignal): Promise<{
    readonly storeId: string;
    readonly revision: bigint;
    /** Each is a KeyValue. */
    readonly leases: readonly Uint8Array[];
  }> {
    const { keys } = this;
    const request = allOf([
      get(keys.store),
      getAll(keys.leases, keys.leasesEnd),
    ]);
    const { header, responses } = await this.transact(request, signal);
    const identity = found(responses[0]);
    return {
      storeId:
        identity === undefined
          ? await this.identify(signal)
          : this.storeIdOf(header, identity),
      revision: header!.revision,
      leases: foundMany(responses[1]),
    };
  }

  /**
   * The identity of the store; gives it one if it has none.
   *
   * @param operations - what is done on the same occasion
   */
  async identify(
    signal: AbortSignal,
    operations: readonly RequestOp[] = [],
  ): Promise<string> {
    const { store } = this.keys;
    const chosen = new TextEncoder().encode(crypto.randomUUID());
    const request = choice(
      [isMissing(store)],
      [...operations, put(store, chosen), get(store)],
      [...operations, get(store)],
    );
    const { header, responses } = await this.transact(request, signal);
    return this.storeIdOf(header, found(responses.at(-1))!);
  }

  private storeIdOf(
    header: ResponseHeader | undefined,
    identity: KeyValue,
  ): string {
    this.identity = textOf(identity);
    return `${clusterOf(header)}/${this.identity}`;
  }
}

/** The same store in another answer: only the id of its cluster is in that. */
export function storeIdIn(
  header: ResponseHeader | undefined,
  storeId: string,
): string {
  return `${clusterOf(header)}${storeId.slice(storeId.indexOf('/'))}`;
}

function textOf({ value }: KeyValue): string {
  return new TextDecoder().decode(value);
}

function clusterOf(header: ResponseHeader | undefined): string {
  return (header?.clusterId ?? 0n).toString(16);
}

function headerOf({ header }: TxnResponse): ResponseHeader {
  return header ?? create(ResponseHeaderSchema);
}
