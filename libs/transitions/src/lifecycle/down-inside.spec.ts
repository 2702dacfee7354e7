import {
  Inject,
  Injectable,
  type INestApplicationContext,
} from '@nestjs/common';
import { expect, it } from 'vitest';
import { ReentrantTransitionError } from '../core/model/errors.js';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { ReloadService } from '../reload/reload.service.js';
import { compileApp, RecordingLogger } from '../testing/started-app.js';
import { TransitionsService } from '../transitions.service.js';

it('down() inside a callback is refused at once (F162)', async () => {
  let refused: unknown;
  @Injectable()
  @TransitionParticipant(1)
  class Store {
    constructor(
      @Inject(TransitionsService)
      private readonly transitions: TransitionsService,
    ) {}

    async signaledStart(): Promise<void> {
      refused ??= await this.transitions
        .down()
        .catch((thrown: unknown) => thrown);
    }
  }
  const app = await compileApp({ providers: [Store] });
  await app.init();
  const { outcome } = await app.get(ReloadService).reload();
  expect(outcome).toBe('unchanged');
  expect(refused).toBeInstanceOf(ReentrantTransitionError);
});

it('close() inside a callback goes down, and says which callback it waits for (F162)', async () => {
  let app: INestApplicationContext | undefined;
  let closed: Promise<void> | undefined;
  @Injectable()
  @TransitionParticipant(1)
  class Store {
    async signaledStart(): Promise<void> {
      closed ??= app!.close();
      await closed;
    }
  }
  const logger = new RecordingLogger();
  app = await compileApp(
    { providers: [Store] },
    { shutdownTimeout: 100 },
    logger,
  );
  await app.init();
  await app.get(ReloadService).reload();
  await closed;
  expect(logger.with('is closed inside Store.signaledStart')).toHaveLength(1);
});
