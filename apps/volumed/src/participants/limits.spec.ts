import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  ConfMap,
  staticConfSource,
  TransitionsModule,
  TransitionsService,
} from 'nestjs-transitions';
import { expect, it, onTestFinished } from 'vitest';
import { defaultVolumesHttpOptions } from '../http/index.js';
import { fileServerSchema, schemas } from '../options/schemas.js';
import * as v from 'valibot';
import { Limits } from './limits.js';

function conf(fileServer: Readonly<Record<string, string>>): ConfMap {
  return ConfMap.fromObject({
    Cluster: { WhoAmI: 'a' },
    FSGlobals: { VolumeGroupList: [] },
    FileServer: { DataRoot: 'x', ...fileServer },
  });
}

it('limits are those of the configuration in force, or their defaults', async () => {
  const source = staticConfSource(conf({ MaxFileBytes: '10' }));
  const module = await Test.createTestingModule({
    imports: [
      TransitionsModule.forRoot({ source, schemas, reloadOnSighup: false }),
    ],
    providers: [Limits],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  onTestFinished(() => module.close());
  await module.init();
  const limits = module.get(Limits);
  expect(limits.maxFileBytes).toBe(10);
  expect(limits.maxRequestsPerVolume).toBe(
    defaultVolumesHttpOptions.maxRequestsPerVolume,
  );
  const transitions = module.get(TransitionsService);
  await transitions.signaled(conf({ MaxRequestsPerVolume: '2' }));
  expect(limits.maxFileBytes).toBe(defaultVolumesHttpOptions.maxFileBytes);
  expect(limits.maxRequestsPerVolume).toBe(2);
});

it('a request may wait as long as RequestWaitTime says', () => {
  const waits = (value: string): unknown =>
    v.parse(fileServerSchema, { DataRoot: 'x', RequestWaitTime: value })
      .RequestWaitTime;
  expect(waits('0')).toBe(0);
  expect(waits('250ms')).toBe(250);
  expect(waits('1m')).toBe(60_000);
  for (const value of ['-1s', '5', '61s', 'long']) {
    expect(() => waits(value)).toThrow('a time from 0 to 1m');
  }
});
