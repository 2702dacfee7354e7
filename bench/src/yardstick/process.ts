// Measures the yardstick each time its parent asks.
import { makeTexts, referenceShape } from '../configuration.js';
import { yardstick } from './yardstick.js';

const { before } = makeTexts(referenceShape);
process.on('message', () => process.send?.(yardstick(before)));
process.once('disconnect', () => process.exit());
