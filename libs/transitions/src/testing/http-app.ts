import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { ConfMap } from '@nestjs-transitions/conf';
import { onTestFinished } from 'vitest';
import { VolumeGate } from '../gate/volume.gate.js';
import type { TransitionsModuleOptions } from '../options/transitions.options.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { TransitionsModule } from '../transitions.module.js';
import { TransitionsService } from '../transitions.service.js';
import { RecordingLogger } from './started-app.js';

/** The servers that Nest has. */
export const servers = ['express', 'fastify'] as const;

/** What is asked of an application over HTTP. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An application that listens on the loopback, until the test is over. */
export class HttpApp {
  readonly gate: VolumeGate;
  readonly transitions: TransitionsService;

  constructor(
    readonly app: INestApplication,
    readonly logger: RecordingLogger,
  ) {
    this.gate = app.get(VolumeGate);
    this.transitions = app.get(TransitionsService);
  }

  private get server(): Server {
    return this.app.getHttpServer() as Server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The response when its head is there, or a rejection when the connection breaks. */
  async open(path: string, method = 'GET'): Promise<IncomingMessage> {
    const { port } = this;
    const request = send({ host: '127.0.0.1', port, path, method });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  async get(path: string): Promise<Answer> {
    const response = await this.open(path);
    const body = await text(response);
    const { statusCode: status, headers } = response;
    return { status, headers, body };
  }

  /** Resolves when nobody is inside of a volume any more. */
  async nobodyInside(volumeName: string): Promise<void> {
    while (this.gate.inside(volumeName) > 0) await setImmediate();
  }

  /** Resolves when the server has noticed that all connections are gone. */
  async noConnections(): Promise<void> {
    const count = (): Promise<number> =>
      new Promise((resolve, reject) =>
        this.server.getConnections((error, number) =>
          error === null ? resolve(number) : reject(error),
        ),
      );
    while ((await count()) > 0) await setImmediate();
  }
}

/** Compiles an application for one of the servers; it is closed when the test is over. */
export async function makeHttpApp(
  confMap: ConfMap,
  { imports = [], ...metadata }: ModuleMetadata,
  server: (typeof servers)[number] = 'express',
  options: TransitionsModuleOptions = {},
): Promise<HttpApp> {
  const source = staticConfSource(confMap);
  const logger = new RecordingLogger();
  const module = await Test.createTestingModule({
    ...metadata,
    imports: [
      TransitionsModule.forRoot({ source, reloadOnSighup: false, ...options }),
      ...imports,
    ],
  })
    .setLogger(logger)
    .compile();
  const app = module.createNestApplication(
    server === 'express'
      ? new ExpressAdapter()
      : new FastifyAdapter({ forceCloseConnections: true }),
    { forceCloseConnections: true },
  );
  onTestFinished(() => app.close());
  return new HttpApp(app, logger);
}

/** The same, listening. */
export async function startHttpApp(
  ...args: Parameters<typeof makeHttpApp>
): Promise<HttpApp> {
  const made = await makeHttpApp(...args);
  await made.app.listen(0, '127.0.0.1');
  return made;
}
