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

it.each(['0', '-1', 'many', '1.5'])('%s is no limit', (value) => {
  const confMap = ConfMap.fromObject({ FileServer: { MaxFileBytes: value } });
  expect(() => new Limits().validate(confMap)).toThrow('MaxFileBytes');
});
