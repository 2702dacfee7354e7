import type { CallbackName } from '../model/callbacks.js';
import type { Configuration } from '../configuration/configuration.js';
import type { StaleConfiguration } from '../configuration/stale.js';
import { callbackNames } from '../model/callback-table.js';
import {
  implementsCallback,
  type ParticipantState,
} from '../model/participant.js';
import type { SessionState } from '../leases/lease-ports.js';
import type { Part } from '../report/report-draft.js';
import type { CallInFlight } from '../run/execution.js';
import type { RealState } from './real-state.js';
import type { TransitionFailure } from '../report/failure.js';
import { numberAsJson, withJson } from '../model/json.js';
import { once, withLazy } from '../model/lazy.js';
import type { TransitionReport } from '../report/report.js';
import type { VolumeWaitedFor } from '../report/waiting.js';
import { stepOf, type Step } from '../model/step.js';
import type { Holdings } from '../model/topology.js';

/**
 * Where the module is. `idle`: not up yet. `failed`: a boot failed, and what it
 * did was rolled back as far as possible.
 */
export type Lifecycle =
  'idle' | 'goingUp' | 'up' | 'goingDown' | 'down' | 'failed';

/** What one participant really holds. */
export interface ParticipantSnapshot {
  readonly name: string;
  /** `Infinity` and `-Infinity` are strings as JSON. */
  readonly order: number;
  /** The callbacks it has. */
  readonly callbacks: readonly CallbackName[];
  readonly up: boolean;
  readonly groups: readonly string[];
  readonly volumes: readonly string[];
  /** The volumes it serves, those announced to leave included. */
  readonly served: readonly string[];
  /** The volumes announced by volumeToBeUnserved that are still served. */
  readonly leaving: readonly string[];
}

/** A callback that ran out of time and has not settled. */
export interface UnknownCallback extends Step {
  /** Milliseconds since it was called. */
  readonly elapsedMs: number;
}

/** The transition that runs, so that a step that hangs is seen before its time is up. */
export interface RunningTransition {
  readonly id: number;
  readonly kind: TransitionReport['kind'];
  readonly reason: string;
  /** Milliseconds since it began. */
  readonly elapsedMs: number;
  /** What it is at: loading, asking `validate`, its plan, undoing; undefined in between. */
  readonly part: Part | undefined;
  /** The callback and the participant whose turn it is; undefined while nobody is called. */
  readonly phase: CallbackName | undefined;
  readonly participant: string | undefined;
  /** The callbacks that have not settled, in the order in which they were called. */
  readonly inFlight: readonly CallInFlight[];
}

/** What is tried again, as {@link TransitionsSnapshot.retries} has it. */
export interface PendingRetry {
  /** One of these three is there: what is tried again. */
  readonly group?: string;
  readonly volume?: string;
  /** The reason of a reload that was rolled back. */
  readonly reload?: string;
  /** 1 for the first one. */
  readonly attempt: number;
  /**
   * Milliseconds until then, 0 if it is due; undefined while something of it is
   * unknown, for which it waits.
   */
  readonly inMs: number | undefined;
}

/** A report without the list of its steps, which would keep plans in memory. */
export type ReportSummary = Omit<TransitionReport, 'steps'>;

/** What really is, at one moment between two steps of a transition. */
export interface TransitionsSnapshot {
  readonly lifecycle: Lifecycle;
  /** A transition runs. */
  readonly busy: boolean;
  /** That transition; undefined while none runs. */
  readonly running: RunningTransition | undefined;
  /** Of the configuration in force; 0 while there is none. */
  readonly generation: number;
  /** This peer; empty while no configuration is in force. */
  readonly whoAmI: string;
  /**
   * What participants hold differs from the configuration in force, not counting
   * what `failed` lists, or is unknown. While a transition runs: as it was before.
   */
  readonly degraded: boolean;
  /** What is set aside: groups, then volumes. */
  readonly failed: readonly TransitionFailure[];
  /**
   * Volumes that the configuration gives to this peer and that another one still
   * holds, where leases are on.
   */
  readonly waiting: readonly VolumeWaitedFor[];
  /**
   * How it is with the session in the store of leases: this process is not ready
   * without one. Undefined where leases are off, and before the first
   * configuration says which peer this is.
   */
  readonly session: SessionState | undefined;
  /** Callbacks that ran out of time and have not settled. */
  readonly unknown: readonly UnknownCallback[];
  /** What is tried again, and when: groups, then volumes, then a reload. */
  readonly retries: readonly PendingRetry[];
  /** How the last transition ended, refused ones included; undefined before the first. Without its steps. */
  readonly lastReport: ReportSummary | undefined;
  /**
   * The report of the last boot or reload, where the configuration that it
   * offered did not come into force: the source holds something that was refused,
   * and a restart would meet it.
   */
  readonly refused: ReportSummary | undefined;
  /**
   * Where the configuration in force is not that of its source, but the last good
   * one: why.
   */
  readonly stale: StaleConfiguration | undefined;
  /** In ascending order. */
  readonly participants: readonly ParticipantSnapshot[];
}

/**
 * The parts of a snapshot that come from the real state, with the participants'
 * states at this moment. What they hold is listed when it is first read: there
 * may be a million volumes, and mostly nobody asks for their names.
 */
export function snapshotOf(
  state: RealState,
  statesNow: () => readonly ParticipantState[],
  inForce: Configuration | undefined,
  now: number,
): Pick<
  TransitionsSnapshot,
  | 'generation'
  | 'whoAmI'
  | 'stale'
  | 'degraded'
  | 'failed'
  | 'unknown'
  | 'participants'
> {
  const namesOf = sharedNames();
  const states = once(statesNow);
  return {
    generation: inForce?.generation ?? 0,
    whoAmI: inForce?.topology.whoAmI ?? '',
    stale: inForce?.stale,
    degraded: state.isDegraded,
    failed: state.failures.list,
    unknown: state.unknown.map(
      ({ callback, participant, target, startedAt }) => ({
        ...stepOf(callback, state.participants[participant]!, target),
        elapsedMs: now - startedAt,
      }),
    ),
    participants: state.participants.map((participant, index) => {
      const { name, order } = participant;
      const own = {
        name,
        order,
        callbacks: callbackNames.filter((callback) =>
          implementsCallback(participant, callback),
        ),
      };
      const held = () => namesOf(states()[index]!.held);
      const shown: ParticipantSnapshot = withLazy(own, {
        up: () => states()[index]!.up,
        groups: () => held().groups,
        volumes: () => held().volumes,
        served: () => held().served,
        leaving: () => [...states()[index]!.leaving],
      });
      return withJson(shown, () => ({ order: numberAsJson(order) }));
    }),
  };
}

function sharedNames() {
  const known = new Map<Holdings, HeldNames>();
  return (held: Holdings): HeldNames => {
    let names = known.get(held);
    if (names === undefined) known.set(held, (names = namesIn(held)));
    return names;
  };
}

type HeldNames = Pick<ParticipantSnapshot, 'groups' | 'volumes' | 'served'>;

function namesIn({ groups, volumes }: Holdings): HeldNames {
  return withLazy(
    {},
    {
      groups: () => namesWhere(groups, () => true),
      volumes: () => namesWhere(volumes, () => true),
      served: () => namesWhere(volumes, ({ served }) => served),
    },
  );
}

function namesWhere<T>(
  records: ReadonlyMap<string, T>,
  isMeant: (record: T) => boolean,
): readonly string[] {
  const names: string[] = [];
  records.forEach((record, name) => {
    if (isMeant(record)) names.push(name);
  });
  return names;
}
