import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { VolumeDirectory } from '../../storage/index.js';
import {
  defaultVolumesHttpOptions,
  REQUEST_LOG,
  type RequestLogEntry,
  VOLUME_ROUTER,
  type VolumePass,
  type VolumeRoute,
  VOLUMES_HTTP_OPTIONS,
  VolumesHttpModule,
  type VolumesHttpOptions,
} from '../index.js';

/** A server of volumes on a free port of 127.0.0.1, for tests. */
export interface VolumesTestServer {
  readonly port: number;
  /** Finished requests, oldest first. */
  readonly log: RequestLogEntry[];
  /** Passes that were entered and are not disposed. */
  passes(): number;
  /** Aborts the signal of every pass, as a volume that is taken away does. */
  takeAway(): void;
  /** From now on every pass says that the volume is not held any more. */
  lose(): void;
  close(): Promise<void>;
}

/** What the server is to do. */
export interface VolumesTestServerSetup {
  /** Served as the volume `v`. */
  readonly directory: VolumeDirectory;
  /** Routes of other volumes. */
  readonly routes?: Readonly<Record<string, VolumeRoute>>;
  readonly options?: Partial<VolumesHttpOptions>;
  /** Leave Nest's body parsers on, as nobody should. */
  readonly bodyParser?: boolean;
}

/** Starts a real Nest application around the volumes' HTTP. */
export async function startVolumesServer(
  setup: VolumesTestServerSetup,
): Promise<VolumesTestServer> {
  const log: RequestLogEntry[] = [];
  const passes = new Set<AbortController>();
  let isHeld = true;
  const assertHeld = (): void => {
    if (!isHeld) throw new Error('not held any more');
  };
  const { directory } = setup;
  const elsewhere = new Map(Object.entries(setup.routes ?? {}));
  const route = (name: string): VolumeRoute =>
    name === 'v'
      ? { kind: 'here', directory, pass: enterPass(passes, assertHeld) }
      : (elsewhere.get(name) ?? { kind: 'unknown' });
  const module = VolumesHttpModule.register({
    providers: [
      {
        provide: VOLUME_ROUTER,
        useValue: { route },
      },
      {
        provide: REQUEST_LOG,
        useValue: { write: (entry: RequestLogEntry) => log.push(entry) },
      },
      {
        provide: VOLUMES_HTTP_OPTIONS,
        useValue: { ...defaultVolumesHttpOptions, ...setup.options },
      },
    ],
  });
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: setup.bodyParser ?? false,
    forceCloseConnections: true,
    logger: false,
  });
  const server = app.getHttpServer();
  const listening = once(server, 'listening');
  await app.listen(0, '127.0.0.1');
  await listening;
  return {
    port: (server.address() as AddressInfo).port,
    log,
    passes: () => passes.size,
    takeAway: () => passes.forEach((pass) => pass.abort(new Error('taken'))),
    lose: () => {
      isHeld = false;
    },
    close: () => app.close(),
  };
}

function enterPass(
  passes: Set<AbortController>,
  assertHeld: () => void,
): VolumePass {
  const controller = new AbortController();
  passes.add(controller);
  return {
    signal: controller.signal,
    assertHeld,
    [Symbol.dispose]: () => void passes.delete(controller),
  };
}
