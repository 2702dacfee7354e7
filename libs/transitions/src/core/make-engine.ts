import type { CoordinatorPorts } from './coordinator-ports.js';
import { Serving, type ServingListener } from './leases/serving.js';
import { errorAsJson, withJson } from './model/json.js';
import type { Participant } from './model/participant.js';
import { settledLate } from './report/settled-late.js';
import { InForce } from './state/in-force.js';
import { RealState } from './state/real-state.js';
import type { Engine } from './transition/engine.js';

/** What an engine tells of. */
export interface EngineListener extends Pick<ServingListener, 'lost' | 'free'> {
  /** A callback has settled after its time. */
  settledLate(): void;
  /** It is known what a callback about a volume has done that ran out of time. */
  known(volumeName: string): void;
}

/** What the transitions share, from what the coordinator is given. */
export function makeEngine(
  participants: readonly Participant[],
  { settings, clock, sink, schemas, leases }: CoordinatorPorts,
  listener: EngineListener,
): Engine {
  const state = new RealState(participants, {
    waiting: () => listener.settledLate(),
    takenOver: (step, settlement) => {
      sink.emit(settledLate(step, settlement, participants));
      if (step.target !== null) listener.known(step.target.name);
    },
    forgotten: ({ target }) => {
      if (target !== null) listener.known(target.name);
    },
  });
  const inForce = new InForce(state);
  const serving =
    leases &&
    new Serving(
      leases,
      {
        lost: (names, reason) => listener.lost(names, reason),
        free: (names) => listener.free(names),
        session: (session) => sink.emit({ type: 'leaseSession', session }),
        trouble: (work, error) =>
          sink.emit(
            withJson({ type: 'leaseTrouble', work, error }, () => ({
              error: errorAsJson(error),
            })),
          ),
      },
      clock,
    );
  if (serving !== undefined) state.absent = serving.absent;
  return { settings, clock, sink, state, inForce, schemas, serving };
}
