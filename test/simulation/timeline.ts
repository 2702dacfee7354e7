import type { Chance } from './chance.js';

/** What an event happens in: it may be dead by then, or stopped for now. */
export interface Place {
  readonly incarnation: number;
  /** Until when nothing happens in it, in true time. */
  readonly stoppedUntil: number;
}

/** What happens. `quiet`: no promise can settle by it. */
export type Action = () => void | 'quiet';

interface Event {
  time: number;
  /** Decides among events of one moment. */
  tie: number;
  readonly place: Place | undefined;
  readonly incarnation: number;
  run: Action | undefined;
}

/**
 * True time, and what happens in it, one event after the other. Between two
 * events every promise that can settle does. So a run is decided by its chance.
 */
export class Timeline {
  now = 0;
  events = 0;
  private readonly heap: Event[] = [];
  private readonly lines: string[] = [];
  private traced = 0;
  private hasEnded = false;

  constructor(private readonly chance: Chance) {}

  /**
   * @param place what is dead by then does not see it, even if it lives again;
   * what is stopped sees it later
   * @returns a function that cancels it
   */
  at(
    time: number,
    run: Action,
    place?: Place,
    incarnation = place?.incarnation ?? 0,
  ): () => void {
    const tie = this.chance.next();
    const event: Event = { time, tie, place, incarnation, run };
    this.push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** As `at`, of the world, and before all else of that moment: it takes no chance. */
  plan(time: number, run: Action): void {
    const world = { place: undefined, incarnation: 0 };
    this.push({ time, tie: -1, run, ...world });
  }

  after(delay: number, run: Action, place?: Place): () => void {
    return this.at(this.now + delay, run, place);
  }

  async run(until: number): Promise<void> {
    while (!this.hasEnded) {
      const event = this.heap[0];
      if (event === undefined || event.time > until) break;
      this.pop();
      if (event.time > this.now) this.now = event.time;
      const { place } = event;
      if (event.run === undefined) continue;
      if (place !== undefined && place.incarnation !== event.incarnation) {
        continue;
      }
      if (place !== undefined && place.stoppedUntil > this.now) {
        // In another order: what waited for a stopped process has none.
        event.time = place.stoppedUntil;
        event.tie = this.chance.next();
        this.push(event);
        continue;
      }
      this.events++;
      const isQuiet = event.run() === 'quiet';
      // What has no place is the world's, which has no promises.
      if (place !== undefined && !isQuiet) await drained();
    }
    if (!this.hasEnded) this.now = until;
  }

  /** Nothing happens any more. */
  end(): void {
    this.hasEnded = true;
  }

  trace(line: string): void {
    const full = `${this.now.toFixed(1)} ${line}`;
    this.lines.push(full);
    for (let at = 0; at < full.length; at++) {
      this.traced = (Math.imul(this.traced, 31) + full.charCodeAt(at)) | 0;
    }
  }

  /** Tells runs apart. */
  get hash(): string {
    return `${this.traced}/${this.lines.length}/${this.events}`;
  }

  lastLines(count: number): readonly string[] {
    return this.lines.slice(-count);
  }

  private push(event: Event): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) {
        child++;
      }
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.tie < b.tie);
}

// An immediate runs after all microtasks, those they queue included.
function drained(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
