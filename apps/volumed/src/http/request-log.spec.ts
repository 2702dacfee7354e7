import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatLogLine,
  JsonLinesRequestLog,
  type RequestLogEntry,
} from './request-log.js';

const entry = (volume: string): RequestLogEntry => ({
  time: '2026-01-01T00:00:00.000Z',
  method: 'GET',
  volume,
  path: '/volumes/x',
  status: 200,
  bytes: 1,
  ms: 0.5,
  peer: null,
  client: '127.0.0.1',
  aborted: false,
});

test('a line break, an escape sequence or a change of direction in a name stays inside its string', () => {
  const name =
    'a\n{"level":"info"}\r\u001b]0;pwn\u0007\u0085\u2028\u202e\u007f😀';
  const line = formatLogLine(entry(name));
  expect(line).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(line)).toEqual(entry(name));
});

test('every entry is one line of printable ASCII that reads back as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const line = formatLogLine(entry(name));
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(JSON.parse(line)).toEqual(entry(name));
    }),
  );
});

test('entries of one turn are written together, in order, each on its line', async () => {
  const written: string[] = [];
  const log = new JsonLinesRequestLog({ write: (text) => written.push(text) });
  log.write(entry('a'));
  log.write(entry('b'));
  await new Promise((resolve) => setImmediate(resolve));
  log.write(entry('c'));
  log.flush();
  log.flush();
  expect(written).toEqual([
    `${formatLogLine(entry('a'))}\n${formatLogLine(entry('b'))}\n`,
    `${formatLogLine(entry('c'))}\n`,
  ]);
});
