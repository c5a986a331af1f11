import { createMemoryCache } from '../../../src/cache/memory.js';
import { cacheContract } from './cache-contract.js';

cacheContract('memory', {
  runs: 60,
  open: async (room) => {
    let time = 0;
    // Where it is tight there is room for some of the entries and generations that are asked for.
    const bounds = room === 'tight' ? { maxBytes: 8 * 2 * 300, maxGenerations: 3 } : {};
    const cache = createMemoryCache({ now: () => time, ...bounds });
    return {
      cache,
      pass: async (ms) => {
        time += ms;
      },
      evict: async (pick) => {
        for (let i = 0; i <= pick % 3; i += 1) await cache.lookup('other', [`other-${i}`]);
      },
    };
  },
});
