import 'reflect-metadata';
import {
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { RecordingLogger, startApp } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';
import { TransitionParticipant } from './participant.decorator.js';

@Injectable()
@TransitionParticipant()
class First {
  up(): void {}
}

describe('what a participant depends on, and Nest destroys before Down', () => {
  @Injectable()
  class Db {
    onModuleDestroy(): void {}
  }
  @Injectable()
  class Pool {
    constructor(@Inject(Db) readonly db: Db) {}
  }
  @Injectable()
  @TransitionParticipant()
  class Store extends First {
    constructor(@Inject(Db) readonly db: Db) {
      super();
    }
  }
  @Injectable()
  @TransitionParticipant()
  class Cache extends First {
    constructor(@Inject(Pool) readonly pool: Pool) {
      super();
    }
  }

  async function warned(metadata: ModuleMetadata): Promise<string[]> {
    const logger = new RecordingLogger();
    await startApp(metadata, {}, logger);
    return logger.with('onModuleDestroy');
  }

  it('is warned of by name, whether it is injected directly or through others (F123)', async () => {
    expect(await warned({ providers: [Db, Pool, Store, Cache] })).toEqual([
      'warn [Transitions] Db has onModuleDestroy, which Nest calls before Down, and these participants depend on it: Store, Cache. What it closes there is gone when their callbacks need it; close it in onApplicationShutdown.',
    ]);
  });

  it('is warned of where the class of its module destroys it (F123)', async () => {
    @Injectable()
    class Plain {}
    @Module({ providers: [Plain], exports: [Plain] })
    class PlainModule {
      onModuleDestroy(): void {}
    }
    @Injectable()
    @TransitionParticipant()
    class User extends First {
      constructor(@Inject(Plain) readonly plain: Plain) {
        super();
      }
    }
    expect(await warned({ imports: [PlainModule], providers: [User] })).toEqual(
      [expect.stringContaining('PlainModule has onModuleDestroy')],
    );
  });

  it('is not warned of where no participant depends on it (F123)', async () => {
    expect(await warned({ providers: [Db, Pool, First] })).toEqual([]);
  });
});

describe('a participant with onModuleDestroy', () => {
  it('is warned of at boot, by name, once', async () => {
    @Injectable()
    @TransitionParticipant()
    class Client {
      serveVolume(): void {}
      onModuleDestroy(): void {}
    }
    const logger = new RecordingLogger();
    const app = await startApp({ providers: [Client] }, {}, logger);
    app.get(TransitionsService).snapshot();
    expect(logger.with('onModuleDestroy')).toEqual([
      expect.stringMatching(
        /^warn \[Transitions\] Participant Client has onModuleDestroy.*onApplicationShutdown/,
      ),
    ]);
  });
});
