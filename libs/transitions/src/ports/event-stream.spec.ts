import {
  firstValueFrom,
  map,
  Subject,
  switchMap,
  take,
  toArray,
  type Observable,
} from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TransitionEvent } from '../core/report/events.js';
import { EventStream } from './event-stream.js';

const event: TransitionEvent = {
  type: 'transitionStarted',
  id: 1,
  kind: 'up',
  reason: 'test',
};

const uncaught: unknown[] = [];
const onUncaught = (thrown: unknown): void => void uncaught.push(thrown);

/** RxJS reports what an observer throws from a timer of its own. */
async function afterTimers(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('F88 a listener of events that throws', () => {
  afterEach(() => {
    process.off('uncaughtException', onUncaught);
    uncaught.length = 0;
  });

  const ways: [string, (stream: EventStream) => Observable<unknown>][] = [
    ['directly', (stream: EventStream) => stream.events$],
    [
      'behind pipe()',
      (stream: EventStream) => stream.events$.pipe(map(({ type }) => type)),
    ],
    [
      'behind two pipes',
      (stream: EventStream) =>
        stream.events$.pipe(map(({ type }) => type)).pipe(take(5)),
    ],
  ];

  it.each(ways)('changes nothing, %s', async (_how, from) => {
    process.on('uncaughtException', onUncaught);
    const onListenerError = vi.fn<(thrown: unknown) => void>();
    const stream = new EventStream(onListenerError);
    const heard: string[] = [];
    from(stream).subscribe(() => {
      throw new Error('a bug of the listener');
    });
    from(stream).subscribe({
      next: () => heard.push('next'),
      complete: () => {
        heard.push('complete');
        throw new Error('another bug');
      },
    });
    stream.emit(event);
    stream.emit(event);
    stream.complete();
    await afterTimers();
    expect(heard).toEqual(['next', 'next', 'complete']);
    expect(
      onListenerError.mock.calls.map(([thrown]) => String(thrown)),
    ).toEqual([
      'Error: a bug of the listener',
      'Error: a bug of the listener',
      'Error: another bug',
    ]);
    expect(uncaught).toEqual([]);
  });

  it('in an operator ends only its own subscription', () => {
    const onListenerError = vi.fn<(thrown: unknown) => void>();
    const stream = new EventStream(onListenerError);
    const heard: string[] = [];
    stream.events$
      .pipe(
        map((): string => {
          throw new Error('in map');
        }),
      )
      .subscribe(() => heard.push('never'));
    stream.events$.subscribe(() => heard.push('still'));
    stream.emit(event);
    stream.emit(event);
    expect(heard).toEqual(['still', 'still']);
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith(
      new Error('in map'),
    );
  });

  it('among those of the module does not keep the others from hearing', () => {
    const onListenerError = vi.fn<(thrown: unknown) => void>();
    const stream = new EventStream(onListenerError);
    const heard: string[] = [];
    stream.listen(() => {
      throw new Error('ours');
    });
    stream.listen(({ type }) => void heard.push(type));
    stream.emit(event);
    expect(heard).toEqual(['transitionStarted']);
    expect(onListenerError).toHaveBeenCalledOnce();
  });
});

describe('those who listen to events', () => {
  it('are let go when they unsubscribe, also as the inner side of an operator', () => {
    const stream = new EventStream(() => {});
    const switches = new Subject<void>();
    const subscription = switches
      .pipe(switchMap(() => stream.events$))
      .subscribe();
    expect(stream.wantsSteps()).toBe(false);
    switches.next();
    switches.next();
    expect(stream.wantsSteps()).toBe(true);
    subscription.unsubscribe();
    expect(stream.wantsSteps()).toBe(false);
  });

  it('are told when the application is gone', async () => {
    const stream = new EventStream(() => {});
    const all = firstValueFrom(stream.events$.pipe(toArray()));
    stream.emit(event);
    stream.complete();
    expect(await all).toEqual([event]);
  });
});
