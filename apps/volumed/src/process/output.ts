/**
 * Whoever reads what this process says may go away: a pager, `head`, a terminal
 * window. Node would take that for an error that nobody handles, and end the
 * process.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {});
  }
}
