import * as v from 'valibot';
import { expect, it } from 'vitest';
import { fileServerSchema, peerSchema, volumeSchema } from './schemas.js';

/** What is wrong, as `option: message`. */
function problems(schema: v.GenericSchema, options: object): string[] {
  const { issues = [] } = v.safeParse(schema, options);
  return issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
}

it('section FileServer has defaults, and lets pass what is not its own', () => {
  expect(v.parse(fileServerSchema, { DataRoot: 'x', Colour: 'red' })).toEqual({
    DataRoot: 'x',
    Colour: 'red',
    RequestLog: 'none',
    ServingJournal: 'none',
    StatusPage: false,
  });
  const given = { MaxFileBytes: '10', StatusPage: 'On' };
  expect(v.parse(fileServerSchema, { DataRoot: 'x', ...given })).toMatchObject({
    MaxFileBytes: 10,
    StatusPage: true,
  });
});

it('everything that is wrong in it is told at once, with what was expected and what came (F150)', () => {
  const options = {
    MaxFileBytes: '0',
    MaxRequestsPerVolume: 'many',
    MaxListedEntries: ['1', '2'],
    RequestLog: [],
    StatusPage: 'perhaps',
  };
  expect(problems(fileServerSchema, options)).toEqual([
    'DataRoot: expected one value, and it is missing',
    'MaxFileBytes: expected a whole number from 1, got "0"',
    'MaxRequestsPerVolume: expected a whole number from 1, got "many"',
    'MaxListedEntries: expected a whole number from 1, got 2 values',
    'RequestLog: expected a path, or none, got no value',
    'StatusPage: expected on or off, got "perhaps"',
  ]);
});

it.each(['0', '-1', 'many', '1.5', '9007199254740993'])(
  '%s is no limit',
  (value) => {
    const options = { DataRoot: 'x', MaxFileBytes: value };
    expect(problems(fileServerSchema, options)).toHaveLength(1);
  },
);

it.each(['not/a/host', 'a?b', 'a#b', 'user@host', 'a\\b', 'a b', ''])(
  '%s is no host',
  (host) => {
    const options = { PublicIPAddr: host, HTTPPort: '1' };
    expect(problems(peerSchema, options)).toEqual([
      `PublicIPAddr: expected an address or a host name, got ${JSON.stringify(host)}`,
    ]);
  },
);

it.each(['127.0.0.1', '::1', 'peer-a.example'])('%s is a host', (host) => {
  const options = { PublicIPAddr: host, HTTPPort: '65535' };
  expect(v.parse(peerSchema, options)).toEqual({
    PublicIPAddr: host,
    HTTPPort: 65_535,
  });
});

it.each(['0', '65536', '70000', '-1', 'http'])('%s is no port', (port) => {
  const options = { PublicIPAddr: '::1', HTTPPort: port };
  expect(problems(peerSchema, options)).toEqual([
    `HTTPPort: expected a whole number from 1 to 65535, got "${port}"`,
  ]);
});

it.each(['..', '.', 'a/b', '/etc', 'x'.repeat(256)])(
  'the directory %s is no folder in the data root',
  (directory) => {
    expect(problems(volumeSchema, { Directory: directory })).toEqual([
      `Directory: expected the name of a folder in FileServer.DataRoot, got "${directory}"`,
    ]);
  },
);
