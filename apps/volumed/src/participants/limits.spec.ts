import { ConfMap } from 'nestjs-transitions';
import { expect, it } from 'vitest';
import { defaultVolumesHttpOptions } from '../http/index.js';
import { Limits } from './limits.js';

it('limits are those of the configuration in force, or their defaults', () => {
  const limits = new Limits();
  limits.up(ConfMap.fromObject({ FileServer: { MaxFileBytes: '10' } }));
  expect(limits.maxFileBytes).toBe(10);
  expect(limits.maxRequestsPerVolume).toBe(
    defaultVolumesHttpOptions.maxRequestsPerVolume,
  );
  limits.signaledFinish(
    ConfMap.fromObject({ FileServer: { MaxRequestsPerVolume: '2' } }),
  );
  expect(limits.maxFileBytes).toBe(defaultVolumesHttpOptions.maxFileBytes);
  expect(limits.maxRequestsPerVolume).toBe(2);
});

it.each([
  ['0', 0],
  ['250ms', 250],
  ['1m', 60_000],
])('a request may wait %s', (time, milliseconds) => {
  const limits = new Limits();
  expect(limits.requestWaitMs).toBe(5_000);
  limits.up(ConfMap.fromObject({ FileServer: { RequestWaitTime: time } }));
  expect(limits.requestWaitMs).toBe(milliseconds);
});

it.each(['-1s', '5', '61s', 'long'])('%s is no time to wait', (value) => {
  const confMap = ConfMap.fromObject({
    FileServer: { RequestWaitTime: value },
  });
  expect(() => new Limits().validate(confMap)).toThrow('RequestWaitTime');
});

it.each(['0', '-1', 'many', '1.5'])('%s is no limit', (value) => {
  const confMap = ConfMap.fromObject({ FileServer: { MaxFileBytes: value } });
  expect(() => new Limits().validate(confMap)).toThrow('MaxFileBytes');
});
