// A bare Express server for the files of the folder in its argument. It tells
// its parent the port.
import type { AddressInfo } from 'node:net';
import express from 'express';

const [, , folder = ''] = process.argv;
const server = express()
  .use('/volumes/static', express.static(folder))
  .listen(0, '127.0.0.1', () => {
    process.send?.((server.address() as AddressInfo).port);
  });
process.once('disconnect', () => process.exit());
