import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ConfMap,
  ConfValueError,
  type ConfPosition,
  type OptionChange,
} from '../index.js';

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
const changes = fc.array(
  fc.record({
    option,
    values: fc.option(values, { nil: undefined }),
    position: fc.oneof(position, section),
  }),
  { maxLength: 3 },
);
/** Lists of changes that several sections have in common. */
const lists = fc.array(changes, { minLength: 3, maxLength: 3 });
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ section, option, values, position }),
  },
  { weight: 3, arbitrary: fc.record({ section, option }) },
  {
    weight: 3,
    arbitrary: fc.record({ section, list: fc.nat(2), own: changes }),
  },
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

/** Does to a model what `change` does; the map is that which the editor began with. */
function changeModel(
  model: Map<string, Options>,
  map: ConfMap,
  name: string,
  all: readonly OptionChange[],
): void {
  const options = model.get(name) ?? (new Map() as Options);
  model.set(name, options);
  for (const { option: each, values: found, position: from } of all) {
    if (found === undefined) options.delete(each);
    else {
      const at = typeof from === 'string' ? map.locate(from, each) : from;
      options.set(each, { values: found, position: at });
    }
  }
}

const inOrder = (content: Map<string, Options>): unknown =>
  [...content]
    .filter(([, options]) => options.size > 0)
    .map(([name, options]) => [name, [...options]] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));

describe('an editor', () => {
  it('does what a map of maps would, over any edits, however many there are and whenever a map is built', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        lists,
        (steps, common) => {
          const first = ConfMap.parse(text);
          const model = contentOf(first);
          let edited = first;
          let editor = ConfMap.edit(edited);
          const built: [ConfMap, unknown][] = [];
          for (const each of steps) {
            if (typeof each === 'string') {
              const map = editor.build();
              built.push([map, inOrder(model)]);
              if (each === 'build') continue;
              edited = map;
              editor = ConfMap.edit(edited);
            } else if ('own' in each) {
              const { section: name, own } = each;
              const list = common[each.list]!;
              changeModel(model, edited, name, [...list, ...own]);
              editor.change(name, list, own);
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
            for (const name of map.sections()) {
              const found = map.section(name)!;
              const others = found.options().filter((each) => each !== 'x1');
              const expectedPick = { values: [found.get('x1')], others };
              expect(found.pick(['x1'])).toEqual(expectedPick);
            }
          }
          expect(first.dump()).toBe(ConfMap.parse(text).dump());
        },
      ),
      { numRuns: 1_000 },
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

  it('refuses what the format cannot write, in common or not, and changes nothing then', () => {
    const map = ConfMap.parse(text);
    const editor = ConfMap.edit(map);
    const good = [{ option: 'y', values: ['1'] }];
    const bad = [...good, { option: 'y z', values: ['1'] }];
    expect(() => editor.change('A', bad)).toThrow(ConfValueError);
    expect(() => editor.change('A', good, bad)).toThrow(ConfValueError);
    expect(() => editor.change('A b', good)).toThrow(ConfValueError);
    expect(editor.build().equals(map)).toBe(true);
  });

  it('yields every few hundred sections while it builds', () => {
    const editor = ConfMap.edit(ConfMap.fromObject({}));
    for (let i = 0; i < 5_000; i++) editor.set(`S${i}`, 'x', ['1']);
    let yields = 0;
    const work = editor.building();
    let turn = work.next();
    while (turn.done !== true) {
      yields++;
      turn = work.next();
    }
    expect(turn.value.size).toBe(5_000);
    expect(yields).toBeGreaterThan(5_000 / 500);
  });
});
