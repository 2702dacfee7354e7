import { describe, expect, it } from 'vitest';
import { ConfMap, ConfSyntaxError, type ConfProblem } from '../index.js';

const read = (text: string): ReturnType<ConfMap['toObject']> =>
  ConfMap.parse(text).toObject();

const valuesOf = (line: string): readonly string[] =>
  ConfMap.parse(`[S]\n${line}\n`).getStrings('S', 'a');

const problemsOf = (text: string): readonly ConfProblem[] => {
  try {
    ConfMap.parse(text, { path: 'main.conf' });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfSyntaxError);
    return (error as ConfSyntaxError).problems;
  }
  throw new Error(`accepted ${JSON.stringify(text)}`);
};

describe('what the format means', () => {
  it.each([
    ['a: b', ['b']],
    ['a = b', ['b']],
    ['a:b', ['b']],
    ['a=b=c', ['b=c']],
    ['a:b:c', ['b:c']],
    ['a : = b', ['=', 'b']],
    ['a:=b', ['=b']],
    ['a:b$=c', ['b$=c']],
    ['a:', []],
    ['a =', []],
    ['a: ; nothing', []],
    ['a: b# c', ['b']],
    ['a: b ; c # d', ['b']],
    ['\t a \t:\tb \t', ['b']],
    ['a: b c\td', ['b', 'c', 'd']],
    ['a: b,c, d', ['b', 'c', 'd']],
    ['a: * * 0-5/2 [x] b$', ['*', '*', '0-5/2', '[x]', 'b$']],
    ['a: {"k":"v"\\u002C"l":"m"}', ['{"k":"v","l":"m"}']],
    ['a: x\\u0020y\\U002cz\\u002Cw', ['x y,z,w']],
    ['a: \\u0021 \\n', ['\\u0021', '\\n']],
  ])('%s', (line, values) => {
    expect(valuesOf(line)).toEqual(values);
  });

  it('F16 a comma between blanks separates once', () => {
    expect(valuesOf('a: A , B')).toEqual(['A', 'B']);
    expect(valuesOf('a: A ,B\t,\tC')).toEqual(['A', 'B', 'C']);
  });

  it('repeated sections merge and repeated options replace', () => {
    expect(read('[A]\nx=1\ny=2\n[B]\nz=3\n[A]\nx=4\nw=5\n')).toEqual({
      A: { x: ['4'], y: ['2'], w: ['5'] },
      B: { z: ['3'] },
    });
  });

  it('a section without options is no part of the map', () => {
    expect(read('[A]\n[B]\nx=1\n[C] # nothing\n')).toEqual({
      B: { x: ['1'] },
    });
  });

  it('an option whose line begins with a colon has no name, as in the reference', () => {
    expect(read('[A]\n:a=b\n: = c d\n')).toEqual({
      A: { '': ['=', 'c', 'd'] },
    });
    expect(problemsOf('[A]\n: b\n')).toHaveLength(1);
  });

  it('.include is the name of an option where an assignment follows', () => {
    expect(read('[A]\n.include = z\n')).toEqual({ A: { '.include': ['z'] } });
  });

  it('brackets may stand in names and values, and a name may end in one', () => {
    expect(read('[A]\nx[1]: [y] [\n')).toEqual({ A: { 'x[1]': ['[y]', '['] } });
  });

  it('text without sections is an empty map', () => {
    for (const text of ['', '\n\n', ' \t\n# comment\n;']) {
      expect(ConfMap.parse(text).isEmpty).toBe(true);
    }
  });

  it('F17 integer-like names keep the order of the file', () => {
    const map = ConfMap.parse(
      '[2]\n10=a\n9=b\n[1]\nx=1\n[10]\nx=1\n[0]\nx=1\n',
    );
    expect(map.sections()).toEqual(['2', '1', '10', '0']);
    expect(map.options('2')).toEqual(['10', '9']);
  });
});

describe('bytes and lines', () => {
  it('F5 a replacement character in a comment is accepted', () => {
    expect(read('# \uFFFD – ü 🙂\n[A]\nx=1 # \uFFFD\n')).toEqual({
      A: { x: ['1'] },
    });
  });

  it('F6 a NUL is refused with line and column, in comments too', () => {
    expect(problemsOf('[A]\nx = 1\0\n# a\0\n')).toMatchObject([
      { path: 'main.conf', line: 2, column: 6 },
      { path: 'main.conf', line: 3, column: 4 },
    ]);
  });

  it('F7 a byte order mark is dropped at the start and refused elsewhere', () => {
    expect(read('\uFEFF[A]\nx=1\n')).toEqual({ A: { x: ['1'] } });
    expect(problemsOf('[A]\n\uFEFFx=1\n')).toMatchObject([
      { line: 2, column: 1 },
    ]);
  });

  it('F9 CRLF is a newline', () => {
    const text = '# c\n[A] ; d\nx = 1\n\ny: 2 # e\nz:\n[B]\nx=1\n';
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(read(text));
    expect(read(text.replace('\n', '\r\n'))).toEqual(read(text));
  });

  it('F9 a lone carriage return is refused, wherever it stands', () => {
    for (const text of [
      '[A]\nx=1\ry=2\n',
      '[A]\r\rx=1\n',
      '# c\r[A]\n',
      '[A]\rx=1\n',
    ]) {
      expect(problemsOf(text)[0]?.message).toMatch(/carriage return/);
    }
  });

  it('F10 a missing last newline is accepted with a warning', () => {
    const map = ConfMap.parse('[A]\nx=1', { path: 'main.conf' });
    expect(map.toObject()).toEqual({ A: { x: ['1'] } });
    expect(map.warnings).toMatchObject([{ path: 'main.conf', line: 2 }]);
    expect(ConfMap.parse('[A]\nx=1\n').warnings).toEqual([]);
  });
});

describe('what is refused', () => {
  it.each([
    ['[foo*bar]\na=b\n', 1, 5],
    ['[foo[1]]\na=b\n', 1, 5],
    ['[foo$]\na=b\n', 1, 5],
    ['[]\na=b\n', 1, 2],
    ['[ a ]\na=b\n', 1, 2],
    ['[a] b\na=b\n', 1, 5],
    ['[a\nb=c\n', 1, 3],
    ['[A]\nb\n', 2, 2],
    ['[A]\nb c = d\n', 2, 3],
    ['[A]\n= b\n', 2, 1],
    ['[A]\nb = c!\n', 2, 6],
    ['[A]\nb = $\n', 2, 5],
    ['[A]\nb = c$d\n', 2, 7],
    ['[A]\nü = b\n', 2, 1],
    ['[A]\nb = ü\n', 2, 5],
    ['.include a b\n', 1, 1],
    ['.include\n', 1, 1],
  ])('F14 %j at %i:%i', (text, line, column) => {
    expect(problemsOf(text)[0]).toMatchObject({
      path: 'main.conf',
      line,
      column,
    });
  });

  it.each([
    ['[Volume: music]', 9, ', without blanks: write "[Volume:music]"'],
    ['[ Volume:x]', 2, ', without blanks: write "[Volume:x]"'],
    ['\t[Volume:x\t] # c', 11, ', without blanks: write "[Volume:x]"'],
    ['[Volume:x] trailing', 12, ': only a comment after it, with ; or #'],
    ['[x]]', 4, ': only a comment after it, with ; or #'],
    ['[x] [y]', 5, ': only a comment after it, with ; or #'],
    ['[Volume:x', 10, ': "]" after the name, got the end of the line'],
    ['[Volume:x # ]', 10, ': "]" after the name'],
    ['[', 2, ': "]" after the name'],
    ['[]', 2, ': a name of letters, digits and _ - / : . only'],
    ['[ ]', 2, ': a name " " of letters, digits'],
    ['[[x]]', 2, ': a name "[x]" of letters, digits'],
    ['[x*]', 3, ': a name "x*" of letters, digits'],
    ['[ü]', 2, ': a name "\\u00fc" of letters, digits'],
    ['[x] = 1', 5, ': no option, whose name cannot begin with a bracket'],
    ['[x]: 1', 4, ': no option, whose name cannot begin with a bracket'],
  ])(
    'a line that begins with a bracket and is no header: %j [F112]',
    (line, column, message) => {
      for (const before of ['', '[Volume:photos]\na=b\n', 'a[1]: x\n']) {
        const problems = problemsOf(`${before}${line}\na=c\n`);
        expect(problems.at(-1)).toMatchObject({
          line: before.split('\n').length,
          column,
          message: expect.stringContaining(
            `expected a section header such as [Name]${message}`,
          ),
        });
      }
    },
  );

  it('a header that is malformed begins no section, and ends the one before it [F112]', () => {
    const text = '[A]\nx=1\n[B: C]\ny\n';
    expect(problemsOf(text)).toMatchObject([
      { line: 3, section: 'A' },
      { line: 4, message: expect.stringContaining('expected ":"') },
    ]);
    expect(problemsOf(text)[1]).not.toHaveProperty('section');
  });

  it('F14 no name is silently cut short', () => {
    expect(() => ConfMap.parse('[foo*bar]\na=b\n')).toThrow(/foo\*bar/);
  });

  it.each(['a: A,,B', 'a: A,', 'a: ,A', 'a: ,', 'a: A , , B', 'a: A,#B'])(
    'F16 %s',
    (line) => {
      expect(problemsOf(`[S]\n${line}\n`)).toMatchObject([{ line: 2 }]);
    },
  );

  it('options before the first section, once for all of them', () => {
    expect(problemsOf('a=b\nc=d\n[A]\ne=f\n')).toMatchObject([
      { line: 1, column: 1 },
    ]);
  });

  it('.include in a text that is no file', () => {
    expect(problemsOf('[A]\na=b\n.include x.conf\n')).toMatchObject([
      { line: 3, message: /fromFile/ },
    ]);
  });

  it('a line above the limit', () => {
    const text = `[A]\nx = ${'y '.repeat(60)}\n`;
    expect(() => ConfMap.parse(text, { limits: { lineLength: 100 } })).toThrow(
      '<text>:2: expected at most 100 characters',
    );
    expect(
      ConfMap.parse(text, { limits: { lineLength: 200 } }).getStrings('A', 'x'),
    ).toHaveLength(60);
  });

  it('all mistakes come at once, a line of the message for each', () => {
    const error = ((): unknown => {
      try {
        return ConfMap.parse('[A]\nb\nc = d\ne = ,\n[f*]\n', {
          path: 'a.conf',
        });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({
      name: 'ConfSyntaxError',
      code: 'CONF_SYNTAX',
      problems: [
        { line: 2, section: 'A' },
        { line: 4, section: 'A' },
        { line: 5 },
      ],
    });
    const lines = (error as Error).message.split('\n').slice(1);
    expect(lines.map((line) => line.split(' ')[2])).toEqual([
      'a.conf:2:2:',
      'a.conf:4:5:',
      'a.conf:5:3:',
    ]);
  });

  it('of too many mistakes only the first are listed', () => {
    const problems = problemsOf(`[A]\n${'b\n'.repeat(1000)}`);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toContain('900 more');
  });

  it('messages quote no control characters', () => {
    const [problem] = problemsOf('[A\u001b]0;x*\u0007]\nb=c\n');
    expect(problem?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('warnings', () => {
  it('F15 a repeated option names both lines', () => {
    const map = ConfMap.parse('[A]\nx=1\ny=2\nx=3\n[B]\nz=1\n[A]\ny=4\n', {
      path: 'main.conf',
    });
    expect(map.warnings).toMatchObject([
      { path: 'main.conf', line: 4, section: 'A', option: 'x' },
      { path: 'main.conf', line: 8, section: 'A', option: 'y' },
    ]);
    expect(map.warnings[0]?.message).toContain('line 2');
  });

  it('F15 a repeated option is found among thousands', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `o${i}=${i}`);
    const text = ['[A]', ...lines, 'o4000=again', ''].join('\n');
    expect(ConfMap.parse(text).warnings).toMatchObject([{ line: 5002 }]);
  });
});

describe('places', () => {
  const map = ConfMap.parse(
    '# c\n[A]\n\nx=1\n x = 2\n[B]\r\ny:\r\n[A]\nz=3\n',
    { path: 'main.conf' },
  );

  it('are those of the header and of the line that gave the values', () => {
    expect(map.locate('A')).toEqual({ path: 'main.conf', line: 2 });
    expect(map.locate('A', 'x')).toEqual({ path: 'main.conf', line: 5 });
    expect(map.locate('A', 'z')).toEqual({ path: 'main.conf', line: 9 });
    expect(map.locate('B', 'y')).toEqual({ path: 'main.conf', line: 7 });
    expect(map.section('B')?.origin).toEqual({ path: 'main.conf', line: 6 });
  });

  it('are unknown for what is not there', () => {
    expect(map.locate('C')).toBeUndefined();
    expect(map.locate('A', 'y')).toBeUndefined();
  });
});
