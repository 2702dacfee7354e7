import {
  type DynamicModule,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestModule,
} from '@nestjs/common';
import { VolumeRequests } from './volume-requests.js';
import { VolumesServer } from './volumes-server.js';
import { VolumesMiddleware } from './volumes.middleware.js';

/**
 * Serves `/volumes`. The application must be created with
 * `{ bodyParser: false }`, or a parser would eat uploads (they are then refused
 * with 500).
 */
@Module({})
export class VolumesHttpModule implements NestModule {
  /**
   * `metadata` brings, by `providers` or by the exports of `imports`, the
   * tokens VOLUME_ROUTER, REQUEST_LOG and VOLUMES_HTTP_OPTIONS.
   */
  static register(
    metadata: Pick<ModuleMetadata, 'imports' | 'providers'>,
  ): DynamicModule {
    return {
      module: VolumesHttpModule,
      imports: metadata.imports ?? [],
      providers: [VolumesServer, VolumeRequests, ...(metadata.providers ?? [])],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(VolumesMiddleware).forRoutes('volumes');
  }
}
