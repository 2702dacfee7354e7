import 'reflect-metadata';
import { Inject, Injectable, type ModuleMetadata } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  compileApp,
  RecordingLogger,
  startApp,
} from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { ParticipantError } from './participant-error.js';
import { TransitionParticipant } from './participant.decorator.js';

@Injectable()
@TransitionParticipant()
class First {
  up(): void {}
}

@Injectable()
@TransitionParticipant()
class Second {
  up(): void {}
}

async function problemsOf(metadata: ModuleMetadata): Promise<string[]> {
  const app = await compileApp(metadata);
  const failure: unknown = await app.init().catch((thrown: unknown) => thrown);
  if (failure instanceof ParticipantError) return [...failure.problems];
  throw new Error('expected a ParticipantError', { cause: failure });
}

describe('what is nearly a participant', () => {
  async function warningsOf(metadata: ModuleMetadata): Promise<string[]> {
    const logger = new RecordingLogger();
    await startApp(
      { ...metadata, providers: [First, ...(metadata.providers ?? [])] },
      {},
      logger,
    );
    return logger.lines
      .filter((line) => line.startsWith('warn [Transitions] '))
      .map((line) => line.slice('warn [Transitions] '.length));
  }

  it('as a list that a factory returns is warned of by name (F176)', async () => {
    expect(
      await warningsOf({
        providers: [
          { provide: 'stores', useFactory: () => [new Second(), new Second()] },
          {
            provide: 'those that are',
            useFactory: (first: First) => [first],
            inject: [First],
          },
        ],
      }),
    ).toEqual([
      'Provider stores is a list in which one is a Second, which is no participant that way; provide it by itself as an instance of its class, or register it with TransitionsService.register',
    ]);
  });

  it('as a copy of one is warned of by name, unless it is registered (F176)', async () => {
    class Store {
      serveVolume = (): void => {};
      unserveVolume = (): void => {};
    }
    const registered = Object.assign({}, new Store());
    @Injectable()
    class Registers {
      constructor(@Inject(TransitionsService) transitions: TransitionsService) {
        transitions.register('registered', registered);
      }
    }
    expect(
      await warningsOf({
        providers: [
          { provide: 'copy', useFactory: () => Object.assign({}, new Store()) },
          { provide: 'registered', useValue: registered },
          Registers,
        ],
      }),
    ).toEqual([
      expect.stringMatching(
        /^Provider copy is an object with serveVolume, unserveVolume, which is no participant that way/,
      ),
    ]);
  });

  it('as a copy that lost its methods is warned of by name (F176)', async () => {
    expect(
      await warningsOf({
        providers: [
          {
            provide: Second,
            useFactory: () => Object.assign({}, new Second()),
          },
        ],
      }),
    ).toEqual(['Participant Second has none of the callbacks.']);
  });

  it('is a method whose name is nearly that of a callback it lacks (F125)', async () => {
    @Injectable()
    @TransitionParticipant()
    class Store {
      serveVolume(): void {}
      unserveVolum(): void {}
      serveVolumes(): void {}
      volumeGroupcreated = (): void => {};
      upper(): void {}
    }
    expect(await warningsOf({ providers: [Store] })).toEqual([
      'Participant Store has a method volumeGroupcreated, which nothing calls; did you mean volumeGroupCreated?',
      'Participant Store has a method unserveVolum, which nothing calls; did you mean unserveVolume?',
    ]);
  });

  it('is an application that has none (F125)', async () => {
    const logger = new RecordingLogger();
    await startApp({}, {}, logger);
    expect(logger.with('There is no participant')).toHaveLength(1);
    expect(await warningsOf({})).toEqual([]);
  });

  it('is refused by name when what is registered is no object (F176)', async () => {
    const app = await compileApp({});
    const transitions = app.get(TransitionsService);
    expect(() => transitions.register('odd', undefined as never)).toThrow(
      'participant odd is registered with undefined; expected an object with callbacks',
    );
  });

  it('is refused by name for options and callbacks that make no sense (F176)', async () => {
    class Odd {
      up = 'yes';
    }
    TransitionParticipant({ concurency: 4 } as never)(Odd as never);
    class Lost extends First {}
    TransitionParticipant({ after: [undefined] as never })(Lost);
    expect(await problemsOf({ providers: [Odd, Lost] })).toEqual([
      'participant Odd: there is no option concurency; did you mean concurrency?',
      'participant Odd has yes as its up; expected a method',
      expect.stringMatching(
        /^participant Lost goes after undefined; expected the class/,
      ),
    ]);
  });
});
