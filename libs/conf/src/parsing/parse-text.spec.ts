import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfMap, ConfSyntaxError } from '../index.js';

const sections = Array.from(
  { length: 40_000 },
  (_, i) => `[Volume:${i}]\nSize: ${i} # ${'.'.repeat(20)}\n`,
);
const text = sections.join('');

describe('a text that is parsed in slices', () => {
  /** What happened meanwhile, in other turns of the event loop. */
  let turns = 0;
  let counting: NodeJS.Immediate;
  const count = (): void => {
    turns++;
    counting = setImmediate(count);
  };

  beforeEach(() => {
    turns = 0;
    // Between two looks at the clock half of a slice has gone by.
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 3));
    count();
  });
  afterEach(() => {
    clearImmediate(counting);
    vi.restoreAllMocks();
  });

  it('is the same map as one that is parsed without a pause, and lets others have their turn', async () => {
    const map = await ConfMap.parseInSlices(text, { path: 'a.conf' });
    expect(turns).toBeGreaterThan(text.length / (4 * 64 * 1024));
    const whole = ConfMap.parse(text, { path: 'a.conf' });
    expect(map.toObject()).toEqual(whole.toObject());
    expect(map.locate('Volume:39999')).toEqual(whole.locate('Volume:39999'));
    expect(map.warnings).toEqual([]);
  });

  it('takes over what is as it was before', async () => {
    const previous = await ConfMap.parseInSlices(text);
    expect(await ConfMap.parseInSlices(text, { previous })).toBe(previous);
    const changed = text.replace('Size: 7 ', 'Size: 8 ');
    const next = await ConfMap.parseInSlices(changed, { previous });
    const others = next
      .sections()
      .filter((name) => next.section(name) !== previous.section(name));
    expect(others).toEqual(['Volume:7']);
    const overridden = next.withOverrides(['Volume:7.Size=9']);
    const again = { previous: overridden };
    expect(await ConfMap.parseInSlices(changed, again)).toBe(next);
  });

  it('is refused with all problems, and without .include', async () => {
    const malformed = `${text}!\n.include b.conf\n${text}?\n`;
    const parsing = ConfMap.parseInSlices(malformed, { path: 'a.conf' });
    const error: unknown = await parsing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfSyntaxError);
    expect((error as ConfSyntaxError).problems).toMatchObject([
      { path: 'a.conf', line: 80_001 },
      { path: 'a.conf', line: 80_002 },
      { path: 'a.conf', line: 160_003 },
    ]);
    const limits = { lineLength: 10 };
    await expect(ConfMap.parseInSlices(text, { limits })).rejects.toThrow(
      'limits.lineLength',
    );
  });

  it('ends with the reason of its signal, before and while it is parsed', async () => {
    const reason = new Error('enough');
    const aborted = AbortSignal.abort(reason);
    await expect(ConfMap.parseInSlices('', { signal: aborted })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    const { signal } = controller;
    const parsing = ConfMap.parseInSlices(text, { signal });
    setImmediate(() => controller.abort(reason));
    await expect(parsing).rejects.toBe(reason);
    expect(turns).toBeLessThan(5);
  });
});
