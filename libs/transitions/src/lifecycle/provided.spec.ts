import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { MetadataScanner, ModuleRef } from '@nestjs/core';
import {
  Test,
  type TestingModule,
  type TestingModuleBuilder,
} from '@nestjs/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { VolumeGate } from '../gate/volume.gate.js';
import { ReloadService } from '../reload/reload.service.js';
import { staticConfSource } from '../sources/static.conf-source.js';
import { sampleConf } from '../testing/sample-conf.js';
import { TransitionsModule } from '../transitions.module.js';
import { RecordingLogger, startApp } from '../testing/started-app.js';
import { provided } from './provided.js';

class Wheel {
  readonly spokes = 36;
}
class Car {
  constructor(readonly wheel: Wheel) {}
}

/** The classes whose methods Nest looks through while an application starts. */
async function lookedThrough(run: () => Promise<unknown>): Promise<string[]> {
  const scan = vi.spyOn(MetadataScanner.prototype, 'getAllMethodNames');
  try {
    await run();
    const names = scan.mock.calls.map(([prototype]) => {
      const { constructor } = prototype as object;
      return constructor.name;
    });
    return [...new Set(names)].toSorted();
  } finally {
    scan.mockRestore();
  }
}

it('Nest looks through the methods of the classes of the application, and of none of ours', async () => {
  @Injectable()
  class Store {
    write(): void {}
  }
  expect(await lookedThrough(() => startApp({ providers: [Store] }))).toEqual([
    // Nest's own.
    'Reflector',
    'Store',
  ]);
});

it('what is provided is made once, with what its constructor takes', async () => {
  const app = await startApp({
    providers: [provided(Wheel), provided(Car, Wheel)],
  });
  expect(app.get(Car)).toBeInstanceOf(Car);
  expect(app.get(Car).wheel).toBe(app.get(Wheel));
});

it('what does not fit a parameter does not compile', () => {
  class Boat {
    readonly sail = 'white';
  }
  class Harbour {
    constructor(readonly boat: Boat) {}
  }
  // @ts-expect-error -- a Wheel is no Boat
  expect(provided(Harbour, Wheel).inject).toEqual([Wheel]);
  // @ts-expect-error -- one is missing
  expect(provided(Harbour).inject).toEqual([]);
});

describe('in a test of a user', () => {
  async function appWith(
    override: (builder: TestingModuleBuilder) => TestingModuleBuilder,
  ): Promise<TestingModule> {
    const source = staticConfSource(sampleConf());
    const builder = Test.createTestingModule({
      imports: [TransitionsModule.forRoot({ source })],
    });
    const app = await override(builder)
      .setLogger(new RecordingLogger())
      .compile();
    onTestFinished(() => app.close());
    return app.init();
  }

  it('a class that extends one of ours takes its place, and is injected alike', async () => {
    class Gate extends VolumeGate {}
    const app = await appWith((builder) =>
      builder.overrideProvider(VolumeGate).useClass(Gate),
    );
    expect(app.get(VolumeGate)).toBeInstanceOf(Gate);
    using pass = app.get(VolumeGate).enter('v');
    expect(pass.signal.aborted).toBe(false);
  });

  it('a value takes the place of one of ours', async () => {
    const gate = { enter: () => 'a fake' };
    const app = await appWith((builder) =>
      builder.overrideProvider(VolumeGate).useValue(gate),
    );
    expect(app.get(VolumeGate)).toBe(gate);
  });
});

it('one of ours that the application makes anew is injected alike', async () => {
  const app = await startApp({});
  const made = await app.get(ModuleRef).create(ReloadService);
  expect(made).not.toBe(app.get(ReloadService));
  expect((await made.reload('test')).outcome).toBe('unchanged');
});
