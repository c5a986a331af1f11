import { defineConfig } from 'vitest/config';

/**
 * One project a tier: the name of the tier is the name of its folder under `test/`.
 * @param timeoutMs for one test: of what hangs, several times what the longest takes on two busy cores
 * @param isolate whether each file has a process of its own; starting those takes longer than most files
 */
const tier = (name: string, timeoutMs: number, globalSetup: string[] = [], isolate = true) => ({
  test: {
    name,
    isolate,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    // What is waited for comes; on a busy machine later than the second that is the default.
    expect: { poll: { timeout: 15_000 } },
    globalSetup,
  },
});

const withPeers = ['test/support/peers-setup.ts'];
const withServices = ['test/support/services/global-setup.ts'];
/** For tiers whose files change nothing that belongs to the process: the rules of the house allow no state of modules. */
const TOGETHER = false;

export default defineConfig({
  test: {
    passWithNoTests: false,
    // Also on two cores: most of the slow files wait for other processes.
    maxWorkers: 2,
    projects: [
      tier('unit', 60_000, [], TOGETHER),
      tier('contract', 60_000, [...withPeers, ...withServices]),
      tier('integration', 60_000, withServices, TOGETHER),
      tier('e2e', 300_000, [...withPeers, ...withServices]),
      tier('security', 300_000, withServices),
      tier('chaos', 420_000, withServices),
      tier('conformance', 300_000, withPeers),
      tier('stack', 300_000, [...withPeers, ...withServices]),
      // One file at a time, with nothing beside it: these put as much on the machine as it can carry.
      tier('load', 420_000, withServices),
    ],
  },
});
