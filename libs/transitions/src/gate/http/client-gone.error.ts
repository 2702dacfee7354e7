import { HttpException } from '@nestjs/common';

// What nginx calls "client closed request"; nobody is left to read it.
const clientClosedRequest = 499;

/** The connection of a request under `@UseVolume` was gone before it was answered. */
export class ClientGoneError extends HttpException {
  readonly code = 'TRANSITIONS_CLIENT_GONE';

  constructor() {
    super('The client went away', clientClosedRequest);
  }
}
