import { ConfMap } from '@nestjs-transitions/conf';
import { recorder, TransitionsHarness } from '@nestjs-transitions/testing';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  confMapOf,
  edited,
  someCluster,
  someEdits,
  type Cluster,
} from './history.js';

const numRuns = process.env['TRANSITIONS_TEST_LONG'] === '1' ? 2_000 : 60;

const someHistory = fc
  .tuple(someCluster, fc.array(someEdits, { minLength: 1, maxLength: 6 }))
  .map(([first, edits]) =>
    edits.reduce<Cluster[]>(
      (history, each) => [...history, edited(history, each) ?? history[0]!],
      [first],
    ),
  );

/** The calls of a history at two participants, and what they hold at its end. */
async function run(
  confMaps: readonly ConfMap[],
  others: readonly string[] = [],
): Promise<{ readonly calls: string[]; readonly held: unknown }> {
  const record = recorder();
  const harness = new TransitionsHarness({
    participants: [
      ...others.map((name) => ({ name })),
      { name: 'one', callbacks: record.participant('one') },
      { name: 'two', callbacks: record.participant('two') },
    ],
  });
  const [first, ...later] = confMaps;
  await harness.up(first!);
  for (const confMap of later) await harness.signaled(confMap);
  const { participants } = harness.snapshot();
  const { groups, volumes, served } = participants.at(-1)!;
  await harness.down();
  return { calls: record.take(), held: { groups, volumes, served } };
}

it('I21 a history there and back ends where it began, and any ends as a boot with its last configuration would', async () => {
  await fc.assert(
    fc.asyncProperty(someHistory, async (history) => {
      const confMaps = history.map(confMapOf);
      const back = [...confMaps, ...confMaps.toReversed().slice(1)];
      expect((await run(back)).held).toEqual((await run([back[0]!])).held);
      expect((await run(confMaps)).held).toEqual(
        (await run([confMaps.at(-1)!])).held,
      );
    }),
    { numRuns },
  );
});

it('I21 volumes of other names get the same calls under those names', async () => {
  await fc.assert(
    fc.asyncProperty(someHistory, async (history) => {
      const renamed = (text: string) =>
        text.replaceAll(/\bv(\d)\b/g, 'volume-$1-x');
      const confMaps = history.map(confMapOf);
      const others = confMaps.map((confMap) =>
        ConfMap.parse(renamed(confMap.dump())),
      );
      // A dump sorts its sections, not the lists in them.
      const plain = confMaps.map((confMap) => ConfMap.parse(confMap.dump()));
      expect((await run(others)).calls).toEqual(
        (await run(plain)).calls.map(renamed),
      );
    }),
    { numRuns },
  );
});

it('I21 one more participant changes nothing for the others', async () => {
  await fc.assert(
    fc.asyncProperty(someHistory, async (history) => {
      const confMaps = history.map(confMapOf);
      expect(await run(confMaps, ['zero'])).toEqual(await run(confMaps));
    }),
    { numRuns },
  );
});

it('I7 no transition changes the configurations it is given', async () => {
  await fc.assert(
    fc.asyncProperty(someHistory, async (history) => {
      const confMaps = history.map(confMapOf);
      const texts = confMaps.map((confMap) => confMap.dump());
      await run(confMaps);
      expect(confMaps.map((confMap) => confMap.dump())).toEqual(texts);
      expect(confMaps.every((confMap) => Object.isFrozen(confMap))).toBe(true);
    }),
    { numRuns },
  );
});
