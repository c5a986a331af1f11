import { mergePromises } from './merge-promises.js';

/** A few of the cases; all 10,000 are in the stack tier. */
mergePromises(500);
