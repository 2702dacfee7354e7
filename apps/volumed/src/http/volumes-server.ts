import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { expectContinue } from './request-body.js';

/** A connection on which no byte moves for so long is closed. */
const IDLE_MS = 60_000;
/** What answers that are under way when the application goes down get to arrive. */
const CLOSING_MS = 2_000;

/**
 * Makes the application's server fit for large uploads and slow networks, and
 * lets it go down in spite of clients that send nothing whole.
 */
@Injectable()
export class VolumesServer implements OnModuleInit, BeforeApplicationShutdown {
  /** Each connection, with the answers that are under way on it. */
  private readonly connections = new Map<Socket, Set<ServerResponse>>();

  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    // Node cuts a request after 5 minutes, however much of it arrives.
    server.requestTimeout = 0;
    server.setTimeout(IDLE_MS);
    expectContinue(server);
    server.on('connection', this.onConnection);
    server.on('request', this.onRequest);
  }

  /**
   * Down is over, no volume is served: a connection without a request is closed
   * at once, and what is being answered soon after. Node alone would wait for it
   * for a minute, or for ever.
   */
  beforeApplicationShutdown(): void {
    for (const [socket, answers] of this.connections) {
      if (answers.size === 0) socket.destroySoon();
    }
    setTimeout(() => {
      for (const socket of this.connections.keys()) socket.destroy();
    }, CLOSING_MS).unref();
  }

  private readonly onConnection = (socket: Socket): void => {
    this.connections.set(socket, new Set());
    socket.once('close', () => this.connections.delete(socket));
    // Every request that is pipelined listens to it.
    socket.setMaxListeners(0);
  };

  private readonly onRequest = (
    { socket }: IncomingMessage,
    response: ServerResponse,
  ): void => {
    const answers = this.connections.get(socket);
    answers?.add(response);
    response.once('close', () => answers?.delete(response));
  };
}
