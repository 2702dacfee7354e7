import { expect, test } from 'vitest';
import { evaluatePreconditions, isRangeFresh } from './preconditions.js';

const modifiedAt = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT') + 345;
const stored = { etag: '"tag"', modifiedAt, size: 3 };
const before = 'Wed, 21 Oct 2015 07:27:59 GMT';
const same = 'Wed, 21 Oct 2015 07:28:00 GMT';
const after = 'Wed, 21 Oct 2015 07:28:01 GMT';

test.each([
  ['GET', {}, 'proceed'],
  ['GET', { 'if-match': '"tag"' }, 'proceed'],
  ['GET', { 'if-match': '*' }, 'proceed'],
  ['GET', { 'if-match': '"a", "tag"' }, 'proceed'],
  ['GET', { 'if-match': '"other"' }, 'failed'],
  ['GET', { 'if-match': 'W/"tag"' }, 'failed'],
  ['GET', { 'if-match': 'nonsense' }, 'failed'],
  ['GET', { 'if-match': '"x,"tag""' }, 'failed'],
  ['GET', { 'if-unmodified-since': before }, 'failed'],
  ['GET', { 'if-unmodified-since': same }, 'proceed'],
  ['GET', { 'if-unmodified-since': after }, 'proceed'],
  ['GET', { 'if-unmodified-since': 'nonsense' }, 'proceed'],
  ['GET', { 'if-match': '"tag"', 'if-unmodified-since': before }, 'proceed'],
  ['GET', { 'if-none-match': '"tag"' }, 'notModified'],
  ['HEAD', { 'if-none-match': '"tag"' }, 'notModified'],
  ['GET', { 'if-none-match': 'W/"tag"' }, 'notModified'],
  ['GET', { 'if-none-match': '"a","tag"' }, 'notModified'],
  ['GET', { 'if-none-match': '*' }, 'notModified'],
  ['GET', { 'if-none-match': '"other"' }, 'proceed'],
  ['PUT', { 'if-none-match': '*' }, 'failed'],
  ['PUT', { 'if-none-match': '"tag"' }, 'failed'],
  ['DELETE', { 'if-none-match': '"tag"' }, 'failed'],
  ['GET', { 'if-modified-since': before }, 'proceed'],
  ['GET', { 'if-modified-since': same }, 'notModified'],
  ['GET', { 'if-modified-since': after }, 'notModified'],
  ['GET', { 'if-modified-since': '1' }, 'proceed'],
  ['PUT', { 'if-modified-since': after }, 'proceed'],
  ['GET', { 'if-none-match': '"x"', 'if-modified-since': after }, 'proceed'],
  ['GET', { 'if-match': '"x"', 'if-none-match': '"tag"' }, 'failed'],
  ['PUT', { 'if-match': '"tag"' }, 'proceed'],
  ['PUT', { 'if-match': '"old"' }, 'failed'],
])('%s with %j on what is stored: %s', (method, headers, outcome) => {
  expect(evaluatePreconditions(method, headers, stored)).toBe(outcome);
});

test.each([
  [{ 'if-match': '*' }, 'failed'],
  [{ 'if-match': '"tag"' }, 'failed'],
  [{ 'if-none-match': '*' }, 'proceed'],
  [{ 'if-unmodified-since': before }, 'proceed'],
])('PUT with %j where nothing is stored: %s', (headers, outcome) => {
  expect(evaluatePreconditions('PUT', headers, undefined)).toBe(outcome);
});

test.each([
  [undefined, 0, true],
  ['"tag"', 0, true],
  ['W/"tag"', 0, false],
  ['"other"', 0, false],
  ['"a", "tag"', 0, false],
  [same, 60_000, true],
  [same, 500, false],
  [before, 60_000, false],
  [after, 60_000, false],
  ['nonsense', 60_000, false],
])('If-Range %j, %i ms after the change: fresh is %s', (value, age, fresh) => {
  expect(isRangeFresh(value, stored, modifiedAt + age)).toBe(fresh);
});
