import { expect, test } from 'vitest';
import { KeyedMutex } from './keyed-mutex.js';

test('actions of one key follow one another, those of others do not wait', async () => {
  const mutex = new KeyedMutex();
  const journal: string[] = [];
  const action = (name: string, turns: number) => async () => {
    journal.push(`${name} begins`);
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
    journal.push(`${name} ends`);
  };
  await Promise.all([
    mutex.run('key', action('first', 20)),
    mutex.run('key', action('second', 1)),
    mutex.run('other', action('other', 1)),
  ]);
  expect(journal).toEqual([
    'first begins',
    'other begins',
    'other ends',
    'first ends',
    'second begins',
    'second ends',
  ]);
});

test('an action that fails does not stop the next of its key', async () => {
  const mutex = new KeyedMutex();
  const failing = mutex.run('key', () => Promise.reject(new Error('failed')));
  const next = mutex.run('key', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('done');
});
