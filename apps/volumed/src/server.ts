import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import type { Arguments } from './arguments.js';
import { configureVolumesServer } from './http/index.js';
import { Peers, type PeerAddress } from './participants/peers.js';

/** A server that listens. */
export interface RunningServer {
  readonly app: NestExpressApplication;
  readonly self: PeerAddress;
  readonly args: Arguments;
}

/**
 * Brings everything up and listens where the configuration says.
 *
 * @throws whatever keeps it from coming up; nothing is up then.
 */
export async function startServer(args: Arguments): Promise<RunningServer> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.register(args),
    {
      // Uploads are streams; a parser would eat them.
      bodyParser: false,
      abortOnError: false,
      logger: new VolumedLogger(),
    },
  );
  app.disable('x-powered-by');
  // Not SIGHUP: that is a reload.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  try {
    await app.init();
    const self = app.get(Peers).own;
    configureVolumesServer(app.getHttpServer());
    await app.listen(self.port, self.host);
    return { app, self, args };
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
}

const framework = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** Without what Nest says of its own parts; why a start failed, the command line tells. */
class VolumedLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!framework.has(rest.at(-1))) super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) !== 'ExceptionHandler') super.error(message, ...rest);
  }
}
