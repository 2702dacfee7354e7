import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Res,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExecutionContext,
  type MiddlewareConsumer,
  type NestMiddleware,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import {
  servers,
  startHttpApp,
  type Answer,
  type HttpApp,
} from '../../testing/http-app.js';
import { DrainAbortedError } from '../drain-aborted.error.js';
import { VolumeGate } from '../volume.gate.js';
import { UseVolume } from './use-volume.decorator.js';

@Injectable()
class Files {
  constructor(private readonly gate: VolumeGate) {}

  async read(volumeName: string): Promise<string> {
    using pass = this.gate.enter(volumeName);
    return pass.volumeName;
  }
}

@Injectable()
class VolumeGuard implements CanActivate {
  constructor(private readonly gate: VolumeGate) {}

  canActivate(context: ExecutionContext): boolean {
    const { params } = context
      .switchToHttp()
      .getRequest<{ params: { volume: string } }>();
    this.gate.enter(params.volume)[Symbol.dispose]();
    return true;
  }
}

@Injectable()
class VolumeMiddleware implements NestMiddleware {
  constructor(private readonly gate: VolumeGate) {}

  use(request: { originalUrl: string }, _response: unknown, next: () => void) {
    this.gate.enter(request.originalUrl.split('/')[2]!)[Symbol.dispose]();
    next();
  }
}

@Controller()
class FilesController {
  constructor(
    private readonly files: Files,
    private readonly gate: VolumeGate,
  ) {}

  @Get('decorated/:volume')
  @UseVolume()
  decorated(): void {}

  @Get('plain/:volume')
  plain(@Param('volume') volume: string): void {
    this.gate.enter(volume);
  }

  @Get('nested/:volume')
  async nested(@Param('volume') volume: string): Promise<string> {
    await Promise.resolve();
    return this.files.read(volume);
  }

  @Get('guarded/:volume')
  @UseGuards(VolumeGuard)
  guarded(): void {}

  @Get('middleware/:volume')
  middleware(): void {}

  @Get('aborted/:volume')
  aborted(): void {
    throw new DrainAbortedError('photos', 1, 10);
  }

  @Get('begun/:volume')
  begun(@Res() reply: ServerResponse | { raw: ServerResponse }): void {
    const response = 'raw' in reply ? reply.raw : reply;
    response.write('begun');
    this.gate.enter('mail');
  }

  @Get('missing/:volume')
  missing(): void {
    throw new NotFoundException('no such file');
  }

  @Get('broken/:volume')
  broken(): void {
    throw new Error('broken');
  }
}

@Module({ controllers: [FilesController], providers: [Files] })
class FilesModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(VolumeMiddleware).forRoutes('middleware/:volume');
  }
}

/** What an application commonly has for everything. */
@Catch()
class CatchAll extends BaseExceptionFilter {
  override catch(thrown: unknown, host: ArgumentsHost): void {
    const known = thrown instanceof HttpException;
    // oxlint-disable-next-line promise/valid-params -- it is no promise
    super.catch(known ? thrown : new HttpException('mine', 599), host);
  }
}

const answerOf = ({ status, headers, body }: Answer) => ({
  status,
  retryAfter: headers['retry-after'],
  body: JSON.parse(body) as unknown,
});

const expected = {
  none: {
    status: 404,
    body: {
      error: 'unknown',
      message:
        'Volume none is not known; expected a volume of the configuration in force',
    },
  },
  mail: {
    status: 421,
    body: {
      error: 'elsewhere',
      message: 'Volume mail is served by B',
      peer: 'B',
    },
  },
  idle: {
    status: 503,
    retryAfter: '1',
    body: {
      error: 'closed',
      message: 'Volume idle is not served at the moment; try again in a moment',
    },
  },
};

describe.each(servers)('with %s', (server) => {
  const start = (providers: Provider[] = []): Promise<HttpApp> =>
    startHttpApp(
      clusterOf('photos@A', 'mail@B', 'idle@'),
      { imports: [FilesModule], providers },
      server,
    );

  it.each(['decorated', 'plain', 'nested', 'guarded', 'middleware'])(
    'a refusal is answered alike wherever it comes from: %s (F143)',
    async (path) => {
      const app = await start();
      for (const [name, answer] of Object.entries(expected)) {
        expect(answerOf(await app.get(`/${path}/${name}`))).toEqual(answer);
      }
      expect(app.logger.with('error [')).toEqual([]);
    },
  );

  it('what a drain has aborted may be tried again (F143)', async () => {
    const app = await start();
    expect(answerOf(await app.get('/aborted/photos'))).toEqual({
      status: 503,
      retryAfter: '1',
      body: {
        error: 'draining',
        message:
          'Volume photos is taken away: 1 inside had not left after 10 ms',
      },
    });
  });

  it('other errors are answered as they were without (F143)', async () => {
    const app = await start();
    const missing = await app.get('/missing/photos');
    expect([missing.status, missing.body]).toEqual([
      404,
      expect.stringContaining('no such file'),
    ]);
    const broken = await app.get('/broken/photos');
    expect([broken.status, broken.headers['retry-after']]).toEqual([
      500,
      undefined,
    ]);
    expect(app.logger.with('error [ExceptionsHandler] broken')).toHaveLength(1);
  });

  it("an application's own filter for everything gets an HttpException (F143)", async () => {
    const app = await start([{ provide: APP_FILTER, useClass: CatchAll }]);
    for (const path of ['decorated', 'plain']) {
      for (const [name, answer] of Object.entries(expected)) {
        const { status, body } = answerOf(await app.get(`/${path}/${name}`));
        expect({ status, body }).toEqual({
          status: answer.status,
          body: answer.body,
        });
      }
    }
    // Of a decorated handler even when to try again.
    const { retryAfter } = answerOf(await app.get('/decorated/idle'));
    expect(retryAfter).toBe('1');
    expect((await app.get('/broken/photos')).status).toBe(599);
  });

  it('a response that has begun is ended, and nothing else happens (F143)', async () => {
    const app = await start();
    const { status, body } = await app.get('/begun/photos');
    expect([status, body]).toEqual([200, 'begun']);
    expect(app.logger.with('error [')).toEqual([]);
  });
});
