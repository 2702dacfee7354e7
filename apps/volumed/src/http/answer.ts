import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyIsSmall, discardBody } from './request-body.js';

/** A refusal or another short answer: JSON, or nothing at all when `body` is absent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
}

/** The body of every refusal: a stable word for programs, a sentence for people. */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
}

/**
 * Sends `answer` and leaves the connection in a state in which the next request
 * on it is understood: what is left of a small body is read and dropped, with a
 * large one, of up to `maxFileBytes`, the connection is closed, after the client
 * could read the answer. Returns the bytes of content sent.
 */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  maxFileBytes: number,
): Promise<number> {
  const content = contentOf(answer);
  writeHead(response, answer, content);
  if (bodyIsSmall(request)) {
    response.end(content);
  } else {
    await endAfterDiscarding(request, response, content, maxFileBytes);
  }
  return request.method === 'HEAD' ? 0 : content.byteLength;
}

/**
 * What is stored came from anybody: a browser must not guess a type for it, nor
 * run it as a page of this server.
 */
export function setProtectiveHeaders(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', 'sandbox');
}

function contentOf({ body }: Answer): Buffer {
  return body === undefined
    ? Buffer.alloc(0)
    : Buffer.from(`${JSON.stringify(body)}\n`);
}

function writeHead(
  response: ServerResponse,
  answer: Answer,
  content: Buffer,
): void {
  // What was set for the content that is not sent now, such as its tag.
  if (answer.status >= 400) {
    response.getHeaderNames().forEach((name) => response.removeHeader(name));
  }
  setProtectiveHeaders(response);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    response.setHeader(name, value);
  }
  response.statusCode = answer.status;
  if (answer.body !== undefined) {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
  }
  const hasNoLength = answer.status === 204 || answer.status === 304;
  if (!hasNoLength) response.setHeader('Content-Length', content.byteLength);
}

async function endAfterDiscarding(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  maxFileBytes: number,
): Promise<void> {
  response.setHeader('Connection', 'close');
  // Whole for the client by its Content-Length, though not ended here: a close
  // while bytes of the client arrive would reset the connection, and the client
  // would lose the answer with it.
  response.flushHeaders();
  if (content.byteLength > 0) response.write(content);
  await discardBody(request, maxFileBytes);
  response.end();
}
