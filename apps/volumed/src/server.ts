import 'reflect-metadata';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ReloadService } from 'nestjs-transitions';
import { AppModule } from './app.module.js';
import type { Arguments } from './arguments.js';
import { leasesOf } from './leases.js';
import { Peers, type PeerAddress } from './participants/peers.js';
import { RequestStatistics } from './participants/request-statistics.js';
import { ServingJournal } from './participants/serving-journal.js';
import type { Hangups } from './process/hangups.js';

/** A server that listens. */
export interface RunningServer {
  readonly app: NestExpressApplication;
  readonly self: PeerAddress;
  readonly args: Arguments;
}

/**
 * Brings everything up and listens where the configuration says. Each SIGHUP is
 * a reload; one that came before is one once everything is up.
 *
 * @throws whatever keeps it from coming up; nothing is up then.
 */
export async function startServer(
  args: Arguments,
  hangups: Pick<Hangups, 'listen'>,
): Promise<RunningServer> {
  const leases = await leasesOf(args, process.env);
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.register(args, leases),
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
    hangups.listen(() => hangUp(app));
    const self = app.get(Peers).own;
    await app.listen(self.port, self.host);
    return { app, self, args };
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
}

/** Reopens the logs, whatever becomes of the reload, for who has renamed them. */
function hangUp(app: NestExpressApplication): void {
  app.get(ServingJournal).reopen();
  app.get(RequestStatistics).reopen();
  const reload = app.get(ReloadService).reload('SIGHUP');
  reload.catch((thrown: unknown) => new Logger('volumed').error(thrown));
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
