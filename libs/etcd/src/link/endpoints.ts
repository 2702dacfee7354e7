/** Where a member of the cluster listens: `10.0.0.1:2379`, `[::1]:2379`, `etcd-1:2379`. */
export type Endpoint = string;

const shape = /^(?:(https?):\/\/)?(\[[\da-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})\/?$/i;

/** What can be told though it cannot be read: no more than a host and digits. */
const harmless = /^(?:https?:\/\/)?[\w.-]*(?::\d*)?\/?$/i;

/**
 * Host and port of each endpoint. `http://` and `https://` may stand before it,
 * and must fit `tls`.
 *
 * @throws TypeError for one that cannot be read; what may be a password is not in its message
 */
export function parseEndpoints(
  endpoints: readonly string[],
  tls: boolean,
): readonly Endpoint[] {
  if (!Array.isArray(endpoints))
    throw new TypeError(
      "endpoints: expected a list, such as ['127.0.0.1:2379'], got something else",
    );
  if (endpoints.length === 0)
    throw new TypeError(
      "endpoints: expected at least one, such as '127.0.0.1:2379', got none",
    );
  refuseCredentials(endpoints);
  const mayBeTold = endpoints.every((endpoint) => harmless.test(endpoint));
  for (const [index, endpoint] of endpoints.entries()) {
    if (isEndpoint(endpoint)) continue;
    throw new TypeError(
      mayBeTold
        ? `endpoints: expected host and port, such as '127.0.0.1:2379', got '${endpoint}'`
        : `endpoints: expected host and port alone, such as '127.0.0.1:2379', and number ${index + 1} is none; it is not told, as it may have a password`,
    );
  }
  return endpoints.map((endpoint) => parseEndpoint(endpoint, tls));
}

function isEndpoint(endpoint: string): boolean {
  const port = Number(shape.exec(endpoint)?.[3]);
  return port >= 1 && port <= 65_535;
}

/** Before anything is told of any: a password with a comma may have been cut in two. */
function refuseCredentials(endpoints: readonly string[]): void {
  const index = endpoints.findIndex((endpoint) => /@/.test(endpoint));
  if (index === -1) return;
  throw new TypeError(
    `endpoints: expected host and port alone, such as '127.0.0.1:2379', and number ${index + 1} has a name or a password before its '@': give them in the option auth`,
  );
}

function parseEndpoint(endpoint: string, tls: boolean): Endpoint {
  const [, scheme, host, port] = shape.exec(endpoint)!;
  if (scheme?.toLowerCase() === 'https' && !tls)
    throw new TypeError(
      `endpoints: '${endpoint}' needs TLS: give the option tls, {} if the authority is a public one`,
    );
  if (scheme?.toLowerCase() === 'http' && tls)
    throw new TypeError(
      `endpoints: '${endpoint}' is without TLS, and the option tls is given`,
    );
  return `${host}:${port}`;
}
