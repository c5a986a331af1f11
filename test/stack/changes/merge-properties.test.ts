import { mergePromises } from '../../unit/orders/merge-promises.js';

mergePromises(10_000, 10_000);
