import 'reflect-metadata';
import type { ConfMap } from '@nestjs-transitions/conf';
import { describe, expect, it } from 'vitest';
import type { TransitionContext } from '../core/model/callbacks.js';
import {
  participantOptionsOf,
  TransitionParticipant,
} from './participant.decorator.js';

// The compiler judges this file in `npm run check`: a directive below that
// expects an error where there is none is an error itself.

@TransitionParticipant(3)
class Complete {
  constructor(readonly dependency: string) {}
  up(_confMap: ConfMap, _context: TransitionContext): void {}
  async serveVolume(_confMap: ConfMap, _volumeName: string): Promise<void> {}
  unserveVolume(): void {}
}

@TransitionParticipant({ name: 'abstract one', after: [Complete, 'other'] })
abstract class Abstract {
  constructor(readonly dependency: Complete) {}
  abstract down(): Promise<void>;
}

// @ts-expect-error: it has none of the callbacks, as this one is misspelt
@TransitionParticipant()
class Misspelt {
  servedVolume(): void {}
}

// @ts-expect-error: a volume's name is a string
@TransitionParticipant()
class WrongParameter {
  serveVolume(_confMap: ConfMap, _volumeId: number): void {}
}

// @ts-expect-error: a callback returns nothing, or a promise of nothing
@TransitionParticipant()
class WrongResult {
  up(): number {
    return 1;
  }
}

// @ts-expect-error: one callback is right, the other one is not
@TransitionParticipant()
class HalfWrong {
  up(): void {}
  volumeCreated(
    _confMap: ConfMap,
    _volumeName: string,
    _group: boolean,
  ): void {}
}

// @ts-expect-error: there is no such option
@TransitionParticipant({ ordre: 1 })
class WrongOption {
  up(): void {}
}

describe('TransitionParticipant', () => {
  it('keeps what a class says of itself, a number being its order', () => {
    expect(participantOptionsOf(Complete)).toEqual({ order: 3 });
    expect(participantOptionsOf(Abstract)).toMatchObject({
      name: 'abstract one',
    });
  });

  it('holds for subclasses, which may say otherwise', () => {
    class Special extends Complete {}
    @TransitionParticipant({ order: 4 })
    class Other extends Complete {}
    expect(participantOptionsOf(Special)).toEqual({ order: 3 });
    expect(participantOptionsOf(Other)).toEqual({ order: 4 });
    expect(participantOptionsOf(Complete)).toEqual({ order: 3 });
  });

  it('is found on classes only', () => {
    for (const nothing of [undefined, null, 1, 'Complete', {}, Date]) {
      expect(participantOptionsOf(nothing)).toBeUndefined();
    }
  });

  it('does not compile on classes that are no participants', () => {
    // That is what the directives above say; here only that they are classes.
    for (const one of [
      Misspelt,
      WrongParameter,
      WrongResult,
      HalfWrong,
      WrongOption,
    ]) {
      expect(participantOptionsOf(one)).toBeDefined();
    }
  });
});
