import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ConfMap, type ConfObject } from './index.js';

const reference = fileURLToPath(
  new URL('../../../../shared/reference/', import.meta.url),
);
const expectedFile = `${reference}confs.expected.json`;

const expected: Record<string, ConfObject> = existsSync(expectedFile)
  ? (JSON.parse(readFileSync(expectedFile, 'utf8')) as Record<
      string,
      ConfObject
    >)
  : {};

if (!existsSync(expectedFile)) {
  console.warn(`skipped: ${expectedFile} is not there`);
}

describe.skipIf(!existsSync(expectedFile))(
  'the configuration files of the reference',
  () => {
    it.each(Object.keys(expected))(
      '%s reads as the reference reads it',
      async (name) => {
        const confMap = await ConfMap.fromFile(`${reference}confs/${name}`);
        expect(confMap.toObject()).toEqual(expected[name]);
        expect(ConfMap.parse(confMap.dump()).toObject()).toEqual(
          expected[name],
        );
      },
    );

    it('are 49', () => {
      expect(Object.keys(expected)).toHaveLength(49);
    });
  },
);
