import {
  ReentrantTransitionError,
  TransitionStateError,
  VolumeFailedError,
} from '../model/errors.js';
import type { EventSink } from '../report/events.js';
import type { TransitionReport } from '../report/report.js';

/** What a volume that fails needs from around it. */
export interface FailingPorts {
  readonly sink: EventSink;
  /** Whether any participant serves a volume, at this moment. */
  readonly isServed: (volumeName: string) => boolean;
  /** Whether the call comes from inside a callback about a volume. */
  readonly isInsideOf: (volumeName: string) => boolean;
  /** Lets nobody into a volume any more. */
  readonly shut: (volumeName: string) => void;
  /**
   * Takes those from all participants that have failed by the time it is their turn,
   * which `take` says then; never rejects.
   */
  readonly run: (
    take: () => readonly VolumeFailedError[],
  ) => Promise<TransitionReport>;
}

/** The volumes that have failed, until their participants have been told. */
export class FailingVolumes {
  /** Those that nobody is let into, until all have let go of them, or serve them again. */
  readonly shut = new Set<string>();
  private readonly reports = new Map<string, Promise<TransitionReport>>();
  /** Those that wait for their turn. */
  private readonly waiting: VolumeFailedError[] = [];
  /** What their turn comes to. */
  private turn: Promise<TransitionReport> | undefined;

  constructor(private readonly ports: FailingPorts) {}

  has(volumeName: string): boolean {
    return this.reports.has(volumeName);
  }

  /**
   * Shuts a volume at once, and has it taken from its participants, together with
   * others that fail before it is their turn. Whoever says it again meanwhile gets the
   * same report.
   *
   * @throws ReentrantTransitionError inside a callback about that volume, which
   * says it by throwing.
   * @throws TransitionStateError when nobody serves it.
   */
  async fail(volumeName: string, cause: unknown): Promise<TransitionReport> {
    const { sink, isServed, isInsideOf, shut } = this.ports;
    const what = `fail(${volumeName})`;
    if (isInsideOf(volumeName)) throw new ReentrantTransitionError(what);
    const known = this.reports.get(volumeName);
    if (known !== undefined) return known;
    if (!isServed(volumeName)) {
      const why = 'nobody serves that volume here';
      throw new TransitionStateError(what, 'it is not served', why);
    }
    const error = new VolumeFailedError(volumeName, cause);
    shut(volumeName);
    this.shut.add(volumeName);
    sink.emit({ type: 'volumeFailed', volume: volumeName, error });
    const report = this.letGo(error);
    this.reports.set(volumeName, report);
    try {
      return await report;
    } finally {
      this.reports.delete(volumeName);
    }
  }

  private letGo(error: VolumeFailedError): Promise<TransitionReport> {
    const isFirst = this.waiting.push(error) === 1;
    // Its turn may come at once.
    if (isFirst) this.turn = this.ports.run(() => this.waiting.splice(0));
    return this.turn!;
  }
}
