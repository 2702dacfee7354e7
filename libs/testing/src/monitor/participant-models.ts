import type { CallbackName } from 'nestjs-transitions/core';
import type { Call } from '../call-log.js';
import { ParticipantModel } from './participant-model.js';

/** The models of all participants, in ascending order. */
export class ParticipantModels implements Iterable<ParticipantModel> {
  private readonly byName = new Map<string, ParticipantModel>();

  add(name: string, callbacks: ReadonlySet<CallbackName>): void {
    this.byName.set(name, new ParticipantModel(name, callbacks));
  }

  /** Of the participant that a call is made at. */
  of({ participant }: Pick<Call, 'participant'>): ParticipantModel {
    const model = this.byName.get(participant);
    if (model === undefined) {
      throw new Error(`Participant ${participant} is not watched`);
    }
    return model;
  }

  get all(): readonly ParticipantModel[] {
    return [...this];
  }

  /** As they are now, whatever becomes of them. */
  copies(): readonly ParticipantModel[] {
    return Array.from(this, (model) => model.copy());
  }

  [Symbol.iterator](): Iterator<ParticipantModel> {
    return this.byName.values();
  }
}
