/**
 * What listens to SIGHUP from the import of this file on, so that none ends the
 * process while that still loads and builds its application:
 *
 *     node --import nestjs-transitions/early-sighup main.js
 *
 * Nothing is lost by it, because the boot loads the newest configuration anyway.
 * The module takes over from it in the first onModuleInit. The file imports
 * nothing, so that it is there at once.
 */
export const ignoreSighup = (): void => {};

Object.defineProperty(ignoreSighup, Symbol.for('nestjs-transitions:early'), {
  value: true,
});

process.on('SIGHUP', ignoreSighup);
