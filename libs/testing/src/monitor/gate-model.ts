import { lineOf, type Call } from '../call-log.js';
import {
  differencesOfGroup,
  differencesOfVolume,
  type Difference,
} from './differences.js';
import type { Held, ParticipantModel } from './participant-model.js';
import { wantedBy } from './topologies.js';
import type { TroubleModel } from './trouble-model.js';
import type { Violation } from './violation.js';

/**
 * What a gate lets in that stands behind all participants, by its calls: a volume
 * is open from its serveVolume, or volumeUnserveCancelled, to the next
 * volumeToBeUnserved or unserveVolume.
 */
export class GateModel {
  readonly open = new Set<string>();
  /** What has failed, and was not called for since, or in vain. */
  private readonly shut = new Set<string>();

  constructor(
    readonly participant: string,
    /** It stays shut for volumes that have failed, whatever it is called. */
    private readonly trouble: TroubleModel,
    /** Whether it lets requests in, really; undefined where that cannot be seen. */
    private readonly lets?: (volumeName: string) => boolean,
  ) {}

  /** A volume has failed: it is shut at once. */
  failed(volumeName: string): void {
    if (this.open.delete(volumeName)) this.shut.add(volumeName);
  }

  /**
   * A transition has ended: what has failed, and was not called for since, is let
   * into again where it fails no more and all serve it.
   */
  *reopened(models: readonly ParticipantModel[]): Generator<Violation> {
    for (const name of this.shut) {
      if (this.trouble.mayFail(name)) continue;
      const serving = models.filter((model) => model.has('serveVolume'));
      if (!serving.every((model) => model.serves(name))) continue;
      this.shut.delete(name);
      this.open.add(name);
      if (this.lets?.(name) !== false) continue;
      const message = `the gate stays shut for ${name}, which all serve`;
      yield { invariant: 'I44', message };
    }
  }

  /** It lets nobody into what has failed, until nobody serves that any more. */
  *shutForFailing(): Generator<Violation> {
    for (const name of this.trouble.failing) {
      if (this.lets?.(name) !== true) continue;
      const message = `the gate is open for ${name}, which has failed`;
      yield { invariant: 'I50', message };
    }
  }

  /** Takes note that a call begins, at whichever participant. */
  *began(call: Call): Generator<Violation> {
    const { callback, target = '', participant } = call;
    if (participant === this.participant) {
      if (closing.has(callback) || opening.has(callback)) {
        this.shut.delete(target);
      }
      if (closing.has(callback)) this.open.delete(target);
    } else if (takingAway.has(callback) && this.open.has(target)) {
      const message = `${lineOf(call)}, though the gate is open for it`;
      yield { invariant: 'I44', message };
    }
  }

  /**
   * Takes note that a call of the gate ended well: it opens only for what all
   * participants serve, as they are told or as it was when the transition began.
   */
  *ended(
    call: Call,
    models: Iterable<ParticipantModel>,
    before: readonly ParticipantModel[],
  ): Generator<Violation> {
    const { callback, target = '', participant } = call;
    if (participant !== this.participant || !opening.has(callback)) return;
    if (this.trouble.mayFail(target)) {
      this.shut.add(target);
      return;
    }
    this.open.add(target);
    for (const model of models) {
      const was = before.find(({ name }) => name === model.name);
      const wrong = wrongWith(model, call, was, target);
      if (wrong === undefined) continue;
      const message = `the gate opens for ${target}, though ${wrong}`;
      yield { invariant: 'I44', message };
    }
  }
}

function wrongWith(
  model: ParticipantModel,
  { confMap, previous = confMap }: Call,
  was: ParticipantModel | undefined,
  name: string,
): string | undefined {
  if (!model.has('serveVolume')) return undefined;
  if (!model.serves(name)) return `${model.name} does not serve it`;
  const told = wantedBy(confMap);
  const group = told.volumes.get(name)?.group ?? '';
  const places: Held[] = [told, ...(was?.serves(name) ? [was] : [])];
  return (
    leastWrong(places, (held) => differencesOfVolume(model, held, name)) ??
    // What puts a volume back leaves its group as it has become.
    leastWrong([...places, wantedBy(previous)], (held) =>
      differencesOfGroup(model, held, group),
    )
  );
}

/** What differs from the first of some places, unless nothing differs from one of them. */
function leastWrong(
  places: readonly Held[],
  differencesFrom: (held: Held) => Iterable<Difference>,
): string | undefined {
  const wrong = places.map((held) =>
    [...differencesFrom(held)].find(({ isAnnounced }) => !isAnnounced),
  );
  return wrong.includes(undefined) ? undefined : wrong[0]!.text;
}

const opening = new Set(['serveVolume', 'volumeUnserveCancelled']);
const closing = new Set(['volumeToBeUnserved', 'unserveVolume', 'volumeLost']);
const takingAway = new Set([
  'unserveVolume',
  'volumeLost',
  'volumeMoved',
  'volumeDestroyed',
]);
