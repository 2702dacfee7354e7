import { Module, type DynamicModule } from '@nestjs/common';
import { fileConfSource, TransitionsModule } from 'nestjs-transitions';
import {
  REQUEST_LOG,
  VOLUME_ROUTER,
  VOLUMES_HTTP_OPTIONS,
  VolumesHttpModule,
} from './http/index.js';
import { Limits } from './participants/limits.js';
import { Peers } from './participants/peers.js';
import { RequestStatistics } from './participants/request-statistics.js';
import { ServingJournal } from './participants/serving-journal.js';
import { VolumeStore } from './participants/volume-store.js';
import { RequestRouter } from './request-router.js';
import { PeerStatus } from './status/peer-status.js';
import { StatusController } from './status/status.controller.js';
import type { Arguments } from './arguments.js';

const parts = [
  ServingJournal,
  Limits,
  Peers,
  VolumeStore,
  RequestStatistics,
  RequestRouter,
];

/** What answers requests, and what it asks. */
@Module({
  providers: parts,
  exports: parts,
})
export class VolumesModule {}

/** The file server. */
@Module({})
export class AppModule {
  static register({
    conf,
    overrides,
    watch,
    ...times
  }: Arguments): DynamicModule {
    return {
      module: AppModule,
      controllers: [StatusController],
      providers: [PeerStatus],
      imports: [
        TransitionsModule.forRoot({
          source: fileConfSource(conf, { overrides, watch }),
          ...times,
        }),
        VolumesHttpModule.register({
          imports: [VolumesModule],
          providers: [
            { provide: VOLUME_ROUTER, useExisting: RequestRouter },
            { provide: REQUEST_LOG, useExisting: RequestStatistics },
            { provide: VOLUMES_HTTP_OPTIONS, useExisting: Limits },
          ],
        }),
      ],
    };
  }
}
