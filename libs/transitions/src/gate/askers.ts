// Far more than what lies between a handler and its call of reload().
const framesKept = 100;

/** Who has asked for a reload that is not over yet, as far as the stacks of their calls tell. */
export class Askers {
  private readonly stacks = new Set<{ readonly text: string }>();

  /** To be called while the caller is on the stack, with what settles when its reload is over. */
  note(reload: Promise<unknown>): void {
    const stack = { text: stackHere() };
    this.stacks.add(stack);
    const forget = (): void => void this.stacks.delete(stack);
    void reload.then(forget, forget);
  }

  /** Those of the functions, such as `FilesController.move`, on whose behalf somebody has. */
  among(functionNames: Iterable<string>): string[] {
    return [...functionNames].filter((name) =>
      [...this.stacks].some(({ text }) => text.includes(` ${name} (`)),
    );
  }
}

/** Callers that await are on it as well; those behind a timer are not. */
function stackHere(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = framesKept;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, stackHere);
  const text = String(holder.stack);
  Error.stackTraceLimit = stackTraceLimit;
  return text;
}
