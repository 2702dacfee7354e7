let users = 0;

/**
 * From now on the process does not die of an error on its standard output or
 * standard error, such as EPIPE when the reader of a pipe or the terminal has
 * gone: what is written there is lost, and losing a log is no reason to leave
 * volumes open. Returns what ends it; it ends when the last who asked for it has.
 */
export function surviveLostStreams(): () => void {
  if (users++ === 0) {
    for (const stream of streams()) stream.on('error', ignore);
  }
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--users > 0) return;
    for (const stream of streams()) stream.off('error', ignore);
  };
}

function ignore(): void {}

function streams(): NodeJS.WriteStream[] {
  return [process.stdout, process.stderr];
}
