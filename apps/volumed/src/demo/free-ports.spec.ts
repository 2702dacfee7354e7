import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { findFreePorts } from './free-ports.js';

it('ports are all different, none that the system gives to somebody else, and none that is listened on', async () => {
  const ports = await findFreePorts(3);
  expect(new Set(ports).size).toBe(3);
  expect(Math.min(...ports)).toBeGreaterThan(1_024);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  // Those that would come next, but for the one that is taken.
  const taken = createServer().listen(ports[2]! + 1, '127.0.0.1');
  await once(taken, 'listening').catch(() => 'taken by another');
  const next = await findFreePorts(2);
  expect(next).not.toContain(ports[2]! + 1);
  taken.close();
});
