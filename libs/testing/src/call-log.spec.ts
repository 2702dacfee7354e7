import type { TransitionContext } from 'nestjs-transitions/core';
import { expect, it } from 'vitest';
import { CallLog } from './call-log.js';
import { confOf } from './conf-of.js';

const confMap = confOf({ groups: { g: ['a'] } });
const context = { kind: 'down', id: 1 } as TransitionContext;

it.each([
  ['at once', () => 'all is written'],
  ['later', async () => 'all is written'],
])('returns what the participant returns %s', async (_when, unserveVolume) => {
  const log = new CallLog();
  const watched = log.watch('store', { unserveVolume });
  const returned: unknown = watched.unserveVolume!(confMap, 'a', context);
  expect(await returned).toBe('all is written');
  expect(log.calls).toMatchObject([{ outcome: 'done' }]);
});
