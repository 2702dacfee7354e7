import { expect, it } from 'vitest';
import { sessionName } from './lease-keys.js';

it('name a session as etcdctl names its lease, which has all sixteen digits', () => {
  expect(sessionName(0x4a9fbd6f08f5db2en)).toBe('4a9fbd6f08f5db2e');
  expect(sessionName(0xa9fbd6f08f5db2en)).toBe('0a9fbd6f08f5db2e');
});
