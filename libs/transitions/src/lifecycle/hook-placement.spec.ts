import 'reflect-metadata';
import {
  Global,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type INestApplicationContext,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { TransitionParticipant } from '../participants/participant.decorator.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { sampleConf } from '../testing/sample-conf.js';
import { RecordingLogger } from '../testing/started-app.js';
import { TransitionsModule } from '../transitions.module.js';

const journal: string[] = [];

class Hooked implements OnApplicationBootstrap, BeforeApplicationShutdown {
  // Later than anything that does not wait for it.
  async onApplicationBootstrap(): Promise<void> {
    await new Promise(setImmediate);
    journal.push(`${this.constructor.name} bootstrap`);
  }
  async beforeApplicationShutdown(): Promise<void> {
    journal.push(`${this.constructor.name} shutdown`);
  }
}

@Injectable()
class InNestedModule extends Hooked {}
@Injectable()
class InFeatureModule extends Hooked {}
@Injectable()
class InGlobalModule extends Hooked {}
@Injectable()
class InRootModule extends Hooked {}
@Injectable()
class InLastModule extends Hooked {}

@Injectable()
@TransitionParticipant(1)
class Store {
  up(): void {
    journal.push('up');
  }
  down(): void {
    journal.push('down');
  }
}

@Module({ providers: [InNestedModule, Store] })
class NestedModule {}
@Module({ imports: [NestedModule], providers: [InFeatureModule] })
class FeatureModule {}
@Global()
@Module({ providers: [InGlobalModule] })
class GlobalModule {}
@Module({ providers: [InLastModule] })
class LastModule {}

const transitions = TransitionsModule.forRoot({
  source: staticConfSource(sampleConf()),
});

@Module({
  imports: [transitions, FeatureModule, GlobalModule, LastModule],
  providers: [InRootModule],
})
class FirstImported extends Hooked {}
@Module({
  imports: [GlobalModule, FeatureModule, LastModule, transitions],
  providers: [InRootModule],
})
class LastImported extends Hooked {}
@Module({ imports: [transitions, GlobalModule] })
class DeepInside {}
@Module({
  imports: [LastModule, DeepInside, FeatureModule],
  providers: [InRootModule],
})
class ImportedDeepInside extends Hooked {}

const roots = [FirstImported, LastImported, ImportedDeepInside];

async function startHttp(root: Type): Promise<INestApplicationContext> {
  const app = await NestFactory.create(root, { logger: new RecordingLogger() });
  await app.listen(0, '127.0.0.1', () => journal.push('listening'));
  return app;
}

async function startContext(root: Type): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(root, {
    logger: new RecordingLogger(),
  });
}

describe.each(roots)('the hooks of an application with $name', (root) => {
  it.each([startHttp, startContext])(
    'Up comes after every bootstrap hook and before listening, Down before every shutdown hook (%o)',
    async (start) => {
      journal.length = 0;
      const app = await start(root);
      const started = journal.splice(0);
      await app.close();

      const hooks = [
        'InNestedModule',
        'InFeatureModule',
        'InGlobalModule',
        'InLastModule',
        'InRootModule',
        root.name,
      ];
      const up = started.indexOf('up');
      expect(started.slice(0, up).toSorted()).toEqual(
        hooks.map((name) => `${name} bootstrap`).toSorted(),
      );
      expect(started.slice(up)).toEqual(
        start === startHttp ? ['up', 'listening'] : ['up'],
      );
      expect(journal[0]).toBe('down');
      expect(journal.slice(1).toSorted()).toEqual(
        hooks.map((name) => `${name} shutdown`).toSorted(),
      );
    },
  );
});
