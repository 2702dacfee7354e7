import type { TransitionCallbacks } from '../core/model/callbacks.js';
import type { ParticipantOptions } from '../core/model/participant.js';

/** What a decorated participant may say of itself. */
export interface TransitionParticipantOptions extends ParticipantOptions {
  /** How messages, reports and `after` call it. Default: the name of its class. */
  readonly name?: string;
  /** Participants, by class or by name, that come up before it. */
  readonly after?: ParticipantReference | readonly ParticipantReference[];
}

/** A participant by its class or by its name. */
export type ParticipantReference = string | ParticipantClass;

// A class with any constructor: what it is called with is Nest's business.
type ParticipantClass = abstract new (...args: never[]) => object;

/** At least one of the callbacks. */
type SomeCallbacks = {
  [Name in keyof TransitionCallbacks]-?: Required<
    Pick<TransitionCallbacks, Name>
  >;
}[keyof TransitionCallbacks];

// Every copy of the library in a process must find the same metadata.
const metadataKey = Symbol.for('nestjs-transitions:participant');

/**
 * Makes an injectable class a participant of transitions: it is found wherever
 * a module provides it, and its callbacks are called in order.
 *
 * A number is its order: lower comes up first and goes down last. Without an
 * order it goes after every participant it injects. Decorating a class that has
 * none of the callbacks, or one with other parameters, does not compile.
 */
export function TransitionParticipant(
  options: number | TransitionParticipantOptions = {},
) {
  const stored = typeof options === 'number' ? { order: options } : options;
  return (
    target: abstract new (
      ...args: never[]
    ) => TransitionCallbacks & SomeCallbacks,
  ): void => {
    Reflect.defineMetadata(metadataKey, stored, target);
  };
}

/** What a class, or one it extends, was decorated with; undefined for no participant. */
export function participantOptionsOf(
  target: unknown,
): TransitionParticipantOptions | undefined {
  if (typeof target !== 'function') return undefined;
  return Reflect.getMetadata(metadataKey, target) as
    TransitionParticipantOptions | undefined;
}
