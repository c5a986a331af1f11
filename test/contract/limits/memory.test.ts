import { createMemoryLimiter } from '../../../src/limits/memory.js';
import { limiterContract } from './limiter-contract.js';

limiterContract(
  'memory',
  async () => {
    let time = 0;
    const limiter = createMemoryLimiter({ now: () => time });
    return {
      limiter,
      pass: (ms) => {
        time += ms;
      },
      close: () => limiter.close(),
    };
  },
  { runs: 500 },
);
