import {
  Observable,
  Subject,
  Subscriber,
  type Observer,
  type Operator,
  type Subscription,
} from 'rxjs';
import type { TransitionEvent } from '../core/report/events.js';
import type { EventSink } from '../core/report/events.js';

/**
 * Transitions report here what happens, and others listen. If a listener
 * throws, only `onListenerError` is told. Nothing changes for the transition or
 * for the other listeners.
 */
export class EventStream implements EventSink {
  private readonly subject = new Subject<TransitionEvent>();
  private readonly listeners = new Set<(event: TransitionEvent) => void>();
  /** For users. Never errors; completes when the application is gone. */
  readonly events$: Observable<TransitionEvent>;

  constructor(private readonly onListenerError: (thrown: unknown) => void) {
    this.events$ = new GuardedObservable(
      (subscriber) => this.subject.subscribe(subscriber),
      onListenerError,
    );
  }

  /**
   * For the module's own use: listens to everything except single steps, which
   * are expensive.
   */
  listen(listener: (event: TransitionEvent) => void): void {
    this.listeners.add(listener);
  }

  emit(event: TransitionEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.onListenerError(thrown);
      }
    }
    this.subject.next(event);
  }

  wantsSteps(): boolean {
    return this.subject.observed;
  }

  complete(): void {
    this.subject.complete();
  }
}

/**
 * An observable whose observers may throw. RxJS turns what an observer throws
 * into an uncaught exception. That would end the process of a service only
 * because a listener has a bug.
 */
class GuardedObservable<T> extends Observable<T> {
  constructor(
    subscribe: ConstructorParameters<typeof Observable<T>>[0],
    private readonly onError: (thrown: unknown) => void,
  ) {
    super(subscribe);
  }

  // Operators make their observables with this, so those are guarded as well.
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>(undefined, this.onError);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator: it passes on what is thrown, and must be able to
    // unsubscribe.
    if (observerOrNext instanceof Subscriber) {
      return super.subscribe(observerOrNext as Subscriber<T>);
    }
    const observer =
      typeof observerOrNext === 'object' && observerOrNext !== null
        ? observerOrNext
        : { next: observerOrNext, error, complete };
    return super.subscribe({
      next: (value) => this.guard(() => observer.next?.(value)),
      error: (thrown: unknown) =>
        this.guard(() => {
          if (observer.error) observer.error(thrown);
          else this.onError(thrown);
        }),
      complete: () => this.guard(() => observer.complete?.()),
    });
  }

  private guard(notify: () => void): void {
    try {
      notify();
    } catch (thrown) {
      this.onError(thrown);
    }
  }
}
