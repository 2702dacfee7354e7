import { callbackNames } from '../core/model/callback-table.js';
import {
  implementsCallback,
  type Participant,
} from '../core/model/participant.js';

/**
 * Which participant has which callback, as text: a line for each participant in
 * ascending order. It is logged at boot, because a misspelt callback is silent
 * otherwise.
 */
export function formatPhaseTable(participants: readonly Participant[]): string {
  const rows = participants.map((participant) => [
    orderText(participant.order),
    participant.name,
    callbackNames
      .filter((callback) => implementsCallback(participant, callback))
      .join(', '),
  ]);
  const table = [['order', 'participant', 'callbacks'], ...rows];
  const widthOf = (column: number): number =>
    Math.max(...table.map((row) => row[column]!.length));
  const widths = [widthOf(0), widthOf(1)];
  return table
    .map(
      ([order, name, callbacks]) =>
        `${order!.padStart(widths[0]!)}  ${name!.padEnd(widths[1]!)}  ${callbacks!}`,
    )
    .join('\n');
}

function orderText(order: number): string {
  if (order === -Infinity) return 'first';
  return order === Infinity ? 'last' : String(order);
}
