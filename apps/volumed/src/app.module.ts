import { Module, type DynamicModule } from '@nestjs/common';
import {
  fileConfSource,
  lastGoodConfSource,
  type ServingLeases,
  TransitionsModule,
} from 'nestjs-transitions';
import {
  REQUEST_LOG,
  VOLUME_ROUTER,
  VOLUMES_HTTP_OPTIONS,
  VolumesHttpModule,
} from './http/index.js';
import { Limits } from './participants/limits.js';
import { OptionNames } from './participants/option-names.js';
import { Peers } from './participants/peers.js';
import { RequestStatistics } from './participants/request-statistics.js';
import { ServingJournal } from './participants/serving-journal.js';
import {
  LOCK_WAIT_MS,
  lockWaitFor,
  VolumeStore,
} from './participants/volume-store.js';
import { schemas } from './options/schemas.js';
import { RequestRouter } from './request-router.js';
import { LEASED_VOLUMES, PeerStatus } from './status/peer-status.js';
import { StatusController } from './status/status.controller.js';
import type { Arguments } from './arguments.js';

const parts = [
  ServingJournal,
  OptionNames,
  Limits,
  Peers,
  VolumeStore,
  RequestStatistics,
  RequestRouter,
];

/** What answers requests, and what it asks. */
@Module({})
export class VolumesModule {
  static register({ drainTimeout }: Arguments): DynamicModule {
    // All peers are started alike: ours tells how long the others drain.
    const lockWaitMs = lockWaitFor(drainTimeout);
    return {
      module: VolumesModule,
      providers: [...parts, { provide: LOCK_WAIT_MS, useValue: lockWaitMs }],
      exports: parts,
    };
  }
}

/** The file server. */
@Module({})
export class AppModule {
  /** @param leases - that decide which peer serves a volume; default: the configuration alone does */
  static register(args: Arguments, leases?: ServingLeases): DynamicModule {
    const { conf, overrides, watch, lastGood, lameduck, drainTimeout } = args;
    const leaseStoreFile = args.etcd?.storeFile;
    const file = fileConfSource(conf, { overrides, watch });
    const volumes = VolumesModule.register(args);
    return {
      module: AppModule,
      controllers: [StatusController],
      providers: [
        PeerStatus,
        {
          provide: LEASED_VOLUMES,
          inject: [VolumeStore],
          useFactory: (store: VolumeStore) =>
            leases === undefined ? null : store,
        },
      ],
      imports: [
        TransitionsModule.forRoot({
          source:
            lastGood === undefined
              ? file
              : // Directories are locked, or fenced: no two peers change one.
                lastGoodConfSource(file, lastGood, { allowStale: true }),
          schemas,
          // It comes earlier than the module could hear it: see startServer.
          reloadOnSighup: false,
          // Nobody waits for their reports.
          retry: { reloads: true },
          ...(leases === undefined ? {} : { leases }),
          ...(leaseStoreFile === undefined ? {} : { leaseStoreFile }),
          lameduck,
          drainTimeout,
        }),
        volumes,
        VolumesHttpModule.register({
          imports: [volumes],
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
