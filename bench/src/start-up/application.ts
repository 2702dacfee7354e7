// An empty Nest application, `with` the module or `without` it, which prints the
// milliseconds from the start of the process until it is up. `bare` and `nest`
// only import what their names say.
import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';

const what = process.argv[2];
if (what === 'bare') await import('nestjs-transitions');
else if (what === 'nest') await importNest();
else await boot(what === 'with' ? [await importModule()] : []);

async function importNest() {
  const { Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  return { Module, NestFactory };
}

async function importModule(): Promise<DynamicModule> {
  const { ConfMap, staticConfSource, TransitionsModule } =
    await import('nestjs-transitions');
  const confMap = ConfMap.fromObject({
    Cluster: { WhoAmI: 'Peer0' },
    FSGlobals: { VolumeGroupList: [] },
  });
  return TransitionsModule.forRoot({ source: staticConfSource(confMap) });
}

async function boot(imports: DynamicModule[]): Promise<void> {
  const { NestFactory, Module } = await importNest();
  @Module({ imports })
  class EmptyApplication {}
  const app = await NestFactory.createApplicationContext(EmptyApplication, {
    logger: false,
  });
  const milliseconds = performance.now();
  await app.close();
  process.stdout.write(String(milliseconds));
}
