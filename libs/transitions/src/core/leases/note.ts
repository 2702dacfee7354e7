import { maxNoteBytes } from './serving-leases.js';

const encoder = new TextEncoder();

/** As many whole characters of a note as fit into maxNoteBytes of UTF-8. */
export function fittingNote(note: string): string {
  const { read } = encoder.encodeInto(note, new Uint8Array(maxNoteBytes));
  return note.slice(0, read);
}
