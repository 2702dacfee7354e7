/**
 * The unit of all figures, Y: what plain JavaScript takes to split and trim the
 * text of a configuration into maps of lists. It checks nothing, and it must
 * never be made faster: every figure ever recorded is a multiple of it.
 */
export function yardstick(
  text: string,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const sections = new Map<string, Map<string, string[]>>();
  let section = new Map<string, string[]>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('[')) {
      section = new Map();
      sections.set(line.slice(1, -1), section);
      continue;
    }
    const colon = line.indexOf(':');
    const values = line.slice(colon + 1).split(',');
    section.set(
      line.slice(0, colon),
      values.map((value) => value.trim()),
    );
  }
  return sections;
}
