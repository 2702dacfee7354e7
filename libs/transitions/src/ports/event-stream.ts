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
 * Where transitions report what happens, and where others listen. A listener
 * that throws is told of nowhere but to `onListenerError`: it changes nothing,
 * neither for the transition nor for the other listeners.
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

  /** Listens to everything but single steps, which cost; for the module's own use. */
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
 * An observable whose observers may throw. What an observer of RxJS throws ends
 * up as an uncaught exception, which would end the process of a service because
 * a mere listener has a bug.
 */
class GuardedObservable<T> extends Observable<T> {
  constructor(
    subscribe: ConstructorParameters<typeof Observable<T>>[0],
    private readonly onError: (thrown: unknown) => void,
  ) {
    super(subscribe);
  }

  // Operators make their observables with it: those are guarded as well.
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
    // An operator: it hands on what is thrown, and it must be able to unsubscribe.
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
