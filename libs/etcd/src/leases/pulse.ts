import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Channel } from '../link/channel.js';
import { status } from '../link/etcd-error.js';
import {
  WatchRequestSchema,
  type WatchRequest,
  type WatchResponse,
} from '../wire/etcd_pb.js';

/** How a stream that is silent is told from one that is dead, in milliseconds. */
export interface Probing {
  /** After so much silence etcd is asked for a sign of life. */
  readonly after: number;
  /** It must come within so much more. */
  readonly answer: number;
}

/** What a stream of changes has. */
interface AskedStream {
  write(request: WatchRequest): unknown;
  destroy(error: Error): unknown;
}

/**
 * Asks a stream of changes for a sign of life when there was none for a while,
 * and destroys it when none comes.
 *
 * What it asks is to watch one more key, for a moment. That is answered always.
 * A request for progress is not: etcd 3.5.30 is silent while the store has not
 * reached the first revision that is watched, as each does until something changes.
 */
export class Pulse {
  private timer: NodeJS.Timeout;

  /** @param key - that may be watched, and that nobody writes */
  constructor(
    private readonly stream: AskedStream,
    private readonly key: Uint8Array,
    private readonly channel: Pick<Channel, 'heard' | 'errorOf'>,
    private readonly probing: Probing,
  ) {
    this.timer = this.later();
  }

  /** Something came through the stream. */
  heard(): void {
    this.channel.heard();
    clearTimeout(this.timer);
    this.timer = this.later();
  }

  /** It was about a key that was asked for here, which has done its service. */
  answered({ created, canceled, watchId }: WatchResponse): void {
    if (created && !canceled)
      this.ask({ case: 'cancelRequest', value: { watchId } });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(): NodeJS.Timeout {
    return setTimeout(() => this.probe(), this.probing.after);
  }

  private probe(): void {
    this.ask({ case: 'createRequest', value: { key: this.key } });
    this.timer = setTimeout(() => {
      const { after, answer } = this.probing;
      this.stream.destroy(
        this.channel.errorOf(
          status.unavailable,
          `the stream of changes is silent for ${after + answer} ms`,
        ),
      );
    }, this.probing.answer);
  }

  private ask(
    requestUnion: MessageInitShape<typeof WatchRequestSchema>['requestUnion'],
  ): void {
    this.stream.write(create(WatchRequestSchema, { requestUnion }));
  }
}
