import 'reflect-metadata';
import {
  Controller,
  Get,
  Injectable,
  SetMetadata,
  type ExecutionContext,
  type ModuleMetadata,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { clusterOf } from '../../testing/cluster-conf.js';
import { makeHttpApp } from '../../testing/http-app.js';
import { UseVolume } from './use-volume.decorator.js';
import { VolumeInterceptor } from './volume.interceptor.js';

// As @nestjs/microservices has it.
const MessagePattern = (pattern: string): MethodDecorator =>
  SetMetadata('microservices:pattern', [pattern]);

@Controller()
class BoxController {
  @MessagePattern('take')
  @UseVolume()
  take(): void {}

  @UseVolume()
  @MessagePattern('put')
  put(): void {}

  @MessagePattern('look')
  look(): void {}
}

@Controller('boxes/:volume')
@UseVolume()
class HybridController {
  @Get()
  read(): string {
    return 'box';
  }

  @MessagePattern('take')
  take(): void {}

  helper(): void {}
}

@Controller('routes/:volume')
@UseVolume()
class RoutesController {
  @Get()
  read(): void {}
}

@UseVolume()
@Injectable()
class BoxGateway {}

@Injectable()
class BoxResolver {
  @UseVolume()
  resolve(): void {}
}

function methodsOf(type: new () => object): Record<string, object> {
  return type.prototype as Record<string, object>;
}

function init(metadata: ModuleMetadata) {
  return makeHttpApp(clusterOf('photos@A'), metadata);
}

it.each([
  [
    'on message handlers',
    { controllers: [BoxController] },
    ['BoxController.take', 'BoxController.put'],
  ],
  [
    'on a controller that has message handlers beside its routes',
    { controllers: [HybridController] },
    ['HybridController.take'],
  ],
  [
    'on what is no controller',
    { providers: [BoxGateway, BoxResolver] },
    ['BoxGateway', 'BoxResolver'],
  ],
])(
  'the boot is refused, by name and with the mend, where it stands %s (F127)',
  async (_where, metadata, places) => {
    const { app } = await init(metadata);
    await expect(app.init()).rejects.toMatchObject({
      code: 'TRANSITIONS_USE_VOLUME',
      problems: places.map(
        (place) =>
          `${place} is no route of HTTP; take the decorator away, and enter the volume in the handler: using pass = gate.enter(name)`,
      ),
    });
  },
);

it('a controller that is provided as well is a controller', async () => {
  const { app } = await init({
    controllers: [RoutesController],
    providers: [RoutesController],
  });
  await expect(app.init()).resolves.toBe(app);
});

it('what the boot has not seen is refused when it is called, by name and with the mend (F127)', async () => {
  const { app, gate } = await init({});
  const interceptor = new VolumeInterceptor(gate, app.get(HttpAdapterHost));
  const context = {
    getType: () => 'rpc',
    getClass: () => BoxController,
    getHandler: () => ({ name: 'look' }),
  } as unknown as ExecutionContext;
  expect(() => interceptor.intercept(context, { handle: () => of() })).toThrow(
    'BoxController.look is called for rpc, not for HTTP; enter the volume in the handler: using pass = gate.enter(name)',
  );
});

it('routes keep the metadata, the name and the methods that they had', async () => {
  const Mark = (): MethodDecorator => SetMetadata('mark', 'kept');

  @Controller('marks/:volume')
  @UseVolume()
  class MarkController {
    @Get()
    @Mark()
    read(): string {
      return this.helper();
    }

    helper(): string {
      return 'helped';
    }
  }
  const prototype = methodsOf(MarkController);
  const { helper } = prototype;
  const { app } = await init({ controllers: [MarkController] });
  await app.init();
  const { read } = prototype;
  expect(Reflect.getMetadata('mark', read!)).toBe('kept');
  expect(read).toHaveProperty('name', 'read');
  expect(prototype['helper']).toBe(helper);
  // As a unit test would call it.
  expect(new MarkController().read()).toBe('helped');
});
