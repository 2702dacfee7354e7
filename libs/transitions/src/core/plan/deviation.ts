import { computeDelta } from './delta.js';
import type { ParticipantState } from '../model/participant.js';
import type { Holdings } from '../model/topology.js';

/** In what the participants differ from what is wanted of them. */
export class Deviation {
  /** One of them is not up, or has had a signaledStart without its finish, or failed in that. */
  readonly ofParticipant: boolean;
  private readonly volumes = new Set<string>();
  private readonly groups = new Set<string>();
  /** The groups in which volumes are, or are wanted. */
  private readonly places: readonly Holdings[];

  constructor(states: readonly ParticipantState[], wanted: Holdings) {
    this.ofParticipant = states.some(
      ({ up, awaitsFinish, finishFailed }) =>
        !up || awaitsFinish || finishFailed,
    );
    const distinct = new Set(states.map(({ held }) => held));
    this.places = [wanted, ...distinct];
    for (const held of distinct) this.compare(held, wanted);
    for (const { leaving } of states) this.addAll(this.volumes, leaving);
  }

  /** Whether a volume, or a group that it is or belongs in, is otherwise than wanted. */
  concerns(volumeName: string): boolean {
    if (this.volumes.has(volumeName)) return true;
    return this.groupsOf(volumeName).some((name) => this.groups.has(name));
  }

  /** Whether anything is otherwise than wanted, but for some volumes and their groups. */
  isMoreThan(excused: Iterable<string>): boolean {
    if (this.ofParticipant) return true;
    const volumes = new Set(excused);
    const groups = new Set([...volumes].flatMap((name) => this.groupsOf(name)));
    return (
      [...this.volumes].some((name) => !volumes.has(name)) ||
      [...this.groups].some((name) => !groups.has(name))
    );
  }

  private groupsOf(volumeName: string): string[] {
    return this.places.flatMap(({ volumes }) => {
      const volume = volumes.get(volumeName);
      return volume === undefined ? [] : [volume.groupName];
    });
  }

  private compare(held: Holdings, wanted: Holdings): void {
    const delta = computeDelta(held, wanted);
    for (const set of Object.values(delta.groups)) {
      this.addAll(this.groups, namesOf(set));
    }
    for (const set of Object.values(delta.volumes)) {
      this.addAll(this.volumes, namesOf(set));
    }
    this.addAll(this.volumes, namesOf(delta.toServe));
    this.addAll(this.volumes, namesOf(delta.toUnserve));
  }

  private addAll(into: Set<string>, names: Iterable<string>): void {
    for (const name of names) into.add(name);
  }
}

function namesOf(targets: readonly { readonly name: string }[]): string[] {
  return targets.map(({ name }) => name);
}
