import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { EtcdError } from '../link/etcd-error.js';
import { WatchResponseSchema, type WatchRequest } from '../wire/etcd_pb.js';
import { Pulse } from './pulse.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A pulse, with what it asks and how it ends the stream. */
function started() {
  const asked: WatchRequest['requestUnion'][] = [];
  const ended: unknown[] = [];
  const stream = {
    write: ({ requestUnion }: WatchRequest) => asked.push(requestUnion) > 0,
    destroy: (error: unknown) => ended.push(error),
  };
  const channel = {
    heard: () => undefined,
    errorOf: (code: number, details: string) => new EtcdError(details, code),
  };
  const key = new TextEncoder().encode('demo/leases/');
  const probing = { after: 3_000, answer: 2_000 };
  const pulse = new Pulse(stream, key, channel, probing);
  onTestFinished(() => pulse.stop());
  return { pulse, asked, ended, key };
}

it('a stream that is silent is asked to watch one more key, and not any more once it has answered', () => {
  const { pulse, asked, ended, key } = started();
  for (const watchId of [7n, 8n]) {
    vi.advanceTimersByTime(2_999);
    expect(asked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(asked.splice(0)).toMatchObject([
      { case: 'createRequest', value: { key, startRevision: 0n } },
    ]);
    vi.advanceTimersByTime(1_999);
    pulse.heard();
    pulse.answered(create(WatchResponseSchema, { watchId, created: true }));
    expect(asked.splice(0)).toMatchObject([
      { case: 'cancelRequest', value: { watchId } },
    ]);
    pulse.heard();
    pulse.answered(create(WatchResponseSchema, { watchId, canceled: true }));
  }
  expect([asked, ended]).toEqual([[], []]);
});

it('a stream that says something is asked nothing', () => {
  const { pulse, asked } = started();
  for (let turn = 0; turn < 10; turn++) {
    vi.advanceTimersByTime(2_999);
    pulse.heard();
  }
  expect(asked).toEqual([]);
});

it('a stream that does not answer is ended, with how long it was silent (F75)', () => {
  const { asked, ended } = started();
  vi.advanceTimersByTime(4_999);
  expect(asked).toHaveLength(1);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual([
    new EtcdError('the stream of changes is silent for 5000 ms', 14),
  ]);
});

it('a refusal to watch one more key is a sign of life too', () => {
  const { pulse, asked, ended } = started();
  vi.advanceTimersByTime(3_000);
  asked.length = 0;
  pulse.heard();
  const watchId = -1n;
  const refusal = { watchId, created: true, canceled: true };
  pulse.answered(create(WatchResponseSchema, refusal));
  vi.advanceTimersByTime(2_999);
  expect([asked, ended]).toEqual([[], []]);
});
