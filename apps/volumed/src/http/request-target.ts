import { InvalidPathError, VolumePath } from '../storage/index.js';

/** What a request asks for: `/volumes/<volumeName>/<path>?<query>`. */
export interface RequestTarget {
  readonly volumeName: string;
  /** Percent-encoded, as received, without the leading slash. */
  readonly encodedPath: string;
  readonly query: URLSearchParams;
  /** Another peer has sent the client here. */
  readonly wasSentOn: boolean;
}

/** The parameter by which a request is known that was sent on. */
const SENT_ON = 'sent-on';

/**
 * Splits the target of a request, as received: no library normalises it first,
 * so that `..` is seen and refused. Returns undefined when no volume is named.
 * @throws InvalidPathError when the name of the volume is not valid
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const origin = originForm(target);
  const queryAt = origin.indexOf('?');
  const path = queryAt < 0 ? origin : origin.slice(0, queryAt);
  const [, , encodedName = ''] = path.split('/', 3);
  if (encodedName === '') return undefined;
  const nameEnd = path.indexOf('/', path.indexOf('/', 1) + 1);
  const query = new URLSearchParams(
    queryAt < 0 ? '' : origin.slice(queryAt + 1),
  );
  return {
    volumeName: volumeNameOf(encodedName),
    encodedPath: nameEnd < 0 ? '' : path.slice(nameEnd + 1),
    query,
    wasSentOn: query.has(SENT_ON),
  };
}

/**
 * The target at another server: same path and query, byte for byte, below the
 * URL of that server, and then `sent-on`, by which that one knows that it must
 * not send the client back.
 */
export function locationAt(server: URL, target: string): string {
  const base = server.origin + server.pathname.replace(/\/+$/, '');
  const origin = originForm(target);
  const joint = origin.includes('?') ? '&' : '?';
  const same = origin.replace(/[^\x21-\x7e]/g, encodeURIComponent);
  return `${base}${same}${joint}${SENT_ON}`;
}

/**
 * The target without its host: `GET http://host/path` is as valid as `GET /path`,
 * RFC 9112 section 3.2.2, and may have a password before the host.
 */
export function originForm(target: string): string {
  return target.startsWith('/')
    ? target
    : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
}

function volumeNameOf(encodedName: string): string {
  const { segments } = VolumePath.parse(encodedName);
  const [name] = segments;
  if (name === undefined) throw new InvalidPathError('no volume is named');
  return name;
}
