import { parseDuration } from '@nestjs-transitions/conf';
import * as v from 'valibot';
import { isFolderName } from './folder-name.js';
import { option } from './option-kinds.js';

const count = option('a whole number from 1', (text) => wholeUpTo(text));
const onOrOff = option('on or off', readFlag);
const logPath = option('a path, or none', (text) => text);
// As long as clients and proxies keep a request open.
const longestWaitMs = 60_000;
const waitTime = option('a time from 0 to 1m, such as 500ms', (text) => {
  const milliseconds = parseDuration(text);
  const isWait = milliseconds !== undefined && milliseconds >= 0;
  return isWait && milliseconds <= longestWaitMs ? milliseconds : undefined;
});
const missing = 'expected one value, and it is missing';

/** Section `FileServer`. Logs are a path or `none`, which is the default. */
export const fileServerSchema = v.looseObject(
  {
    DataRoot: option('the path of a folder', (text) => text),
    MaxFileBytes: v.optional(count),
    MaxRequestsPerVolume: v.optional(count),
    MaxListedEntries: v.optional(count),
    RequestLog: v.optional(logPath, 'none'),
    RequestWaitTime: v.optional(waitTime),
    ServingJournal: v.optional(logPath, 'none'),
    StatusPage: v.optional(onOrOff, 'off'),
  },
  missing,
);

/** Sections `Peer:…`: where a peer answers. */
export const peerSchema = v.looseObject(
  {
    PublicIPAddr: option('an address or a host name', (host) =>
      // Nothing else may hide in its URL, such as a path.
      URL.canParse(originOf(host, 80)) && !/[/?#@\\]/.test(host)
        ? host
        : undefined,
    ),
    HTTPPort: option('a whole number from 1 to 65535', (text) =>
      wholeUpTo(text, 65_535),
    ),
  },
  missing,
);

/** Sections `Volume:…`. */
export const volumeSchema = v.looseObject({
  Directory: v.optional(
    option('the name of a folder in FileServer.DataRoot', (name) =>
      isFolderName(name) ? name : undefined,
    ),
  ),
});

/** The options of volumed's own sections. */
export const schemas = {
  FileServer: fileServerSchema,
  'Peer:*': peerSchema,
  'Volume:*': volumeSchema,
};

/** Where a host answers, as a URL has it. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

function wholeUpTo(
  text: string,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= 1 && value <= most ? value : undefined;
}

function readFlag(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (['true', 'yes', 'on'].includes(lower)) return true;
  return ['false', 'no', 'off'].includes(lower) ? false : undefined;
}
