import {
  Module,
  type DynamicModule,
  type INestApplicationContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  staticConfSource,
  TransitionsModule,
  TransitionsService,
  type ConfMap,
  type ServingLeases,
  type TransitionCallbacks,
} from 'nestjs-transitions';

@Module({})
class ApplicationModule {}

/** An application with one participant, which is up when this resolves. */
export function bootApplication(
  confMap: ConfMap,
  leases: ServingLeases | undefined,
  callbacks: TransitionCallbacks,
): Promise<INestApplicationContext> {
  const application: DynamicModule = {
    module: ApplicationModule,
    imports: [
      TransitionsModule.forRoot({
        source: staticConfSource(confMap),
        reloadOnSighup: false,
        ...(leases && { leases }),
      }),
    ],
    providers: [
      {
        provide: 'participant',
        useFactory: (transitions: TransitionsService) =>
          transitions.register('participant', callbacks),
        inject: [TransitionsService],
      },
    ],
  };
  return NestFactory.createApplicationContext(application, {
    logger: false,
    abortOnError: false,
  });
}
