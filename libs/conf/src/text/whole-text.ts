import type { TextPieces } from './text-pieces.js';

/** A text that is handed out as one piece. */
export class WholeText implements TextPieces {
  readonly isAscii = false;
  readonly needsMore = false;
  readonly flaw = undefined;
  private text: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get isLast(): boolean {
    return this.text === undefined;
  }

  next(): string | undefined {
    const { text } = this;
    this.text = undefined;
    return text;
  }

  hasAscii(): boolean {
    return false;
  }

  lineAt(): string {
    return '';
  }

  async fetch(): Promise<void> {}
}
