import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfMap, type ConfPosition } from '../index.js';

const text = '[A]\nx0=1\nx1=2\n[B]\nx0=1\n';

type Options = Map<
  string,
  { values: readonly string[]; position: ConfPosition | undefined }
>;

const section = fc.constantFrom('A', 'B', 'C');
const option = fc.nat(20).map((i) => `x${i}`);
const values = fc.array(fc.constantFrom('1', '2', 'a b'), { maxLength: 2 });
const position = fc.option(
  fc.nat(9).map((line) => ({ path: 'elsewhere.conf', line })),
  { nil: undefined },
);
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ section, option, values, position }),
  },
  { weight: 3, arbitrary: fc.record({ section, option }) },
  { weight: 1, arbitrary: fc.record({ section }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('build', 'edit the map that is built'),
  },
);

/** What every option of a map is, and where it is from. */
function contentOf(map: ConfMap): Map<string, Options> {
  const optionsOf = (name: string): Options =>
    new Map(
      map.options(name).map((each) => {
        const found = map.section(name)!.get(each)!;
        return [each, { values: found, position: map.locate(name, each) }];
      }),
    );
  return new Map(map.sections().map((name) => [name, optionsOf(name)]));
}

const inOrder = (content: Map<string, Options>): unknown =>
  [...content]
    .filter(([, options]) => options.size > 0)
    .map(([name, options]) => [name, [...options]] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));

describe('an editor', () => {
  it('does what a map of maps would, over any edits, however many there are and whenever a map is built', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const first = ConfMap.parse(text);
        const model = contentOf(first);
        let editor = ConfMap.edit(first);
        const built: [ConfMap, unknown][] = [];
        for (const each of steps) {
          if (typeof each === 'string') {
            const map = editor.build();
            built.push([map, inOrder(model)]);
            if (each !== 'build') editor = ConfMap.edit(map);
          } else if ('values' in each) {
            const options = model.get(each.section) ?? (new Map() as Options);
            model.set(each.section, options);
            const { section: name, position: from } = each;
            options.set(each.option, { values: each.values, position: from });
            editor.set(name, each.option, each.values, from);
          } else if ('option' in each) {
            model.get(each.section)?.delete(each.option);
            editor.delete(each.section, each.option);
          } else {
            model.delete(each.section);
            editor.delete(each.section);
          }
        }
        built.push([editor.build(), inOrder(model)]);
        // At the end, so that no later edit has changed a map that was built.
        for (const [map, expected] of built) {
          expect(inOrder(contentOf(map))).toEqual(expected);
          expect(map.reuse(first).equals(map)).toBe(true);
        }
        expect(first.dump()).toBe(ConfMap.parse(text).dump());
      }),
      { numRuns: 300 },
    );
  });

  it('shares a section with the map before where the edits come to nothing', () => {
    const map = ConfMap.parse(text);
    const same = ConfMap.edit(map)
      .set('A', 'x1', ['3'])
      .set('A', 'x1', ['2'])
      .set('B', 'y', ['1'])
      .delete('B', 'y')
      .build();
    expect(same.section('A')).toBe(map.section('A'));
    expect(same.section('B')).toBe(map.section('B'));
  });

  it('yields every few hundred sections while it builds', () => {
    const editor = ConfMap.edit(ConfMap.fromObject({}));
    for (let i = 0; i < 5_000; i++) editor.set(`S${i}`, 'x', ['1']);
    let yields = 0;
    const work = editor.building();
    let next = work.next();
    for (; next.done !== true; next = work.next()) yields++;
    expect(next.value.size).toBe(5_000);
    expect(yields).toBeGreaterThan(5_000 / 500);
  });
});
