import { createMemoryCache } from '../../../src/cache/memory.js';
import { cacheContract } from './cache-contract.js';

cacheContract('memory', async () => {
  let time = 0;
  return {
    cache: createMemoryCache({ now: () => time }),
    pass: async (ms) => {
      time += ms;
    },
  };
});
