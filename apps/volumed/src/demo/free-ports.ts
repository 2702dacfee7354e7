import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems hand out by themselves, from 32,768 on: neither a
 * connection nor another server takes one of these before a child listens on
 * it, or while that child is started again.
 */
const first = 12_000;
const count = 20_000;

// Processes that look for ports at the same time do not find the same ones.
let looked = process.pid * 7_919;

/**
 * Ports of 127.0.0.1 that nobody listens on, all different.
 *
 * @throws Error when there are not that many.
 */
export async function findFreePorts(wanted: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < wanted; tries++) {
    if (tries === count) throw new Error('Too few ports are free');
    const port = first + (looked++ % count);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
