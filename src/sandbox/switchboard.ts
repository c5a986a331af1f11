/** The switches in force. They may be changed while the sandbox runs: the next request is answered by the new ones. */
import { createOrderRenderer, type OrderRenderer } from './render.js';
import { defaultSwitches, type SandboxSwitches } from './switches.js';

export interface Switchboard {
  switches(): SandboxSwitches;
  /** Made for these switches: it keeps texts, so every change needs a new one. */
  renderer(): OrderRenderer;
  /** @throws Error for another `bucketScope`: buckets are made at the start */
  change(change: Partial<SandboxSwitches>): void;
}

export function createSwitchboard(initial: Partial<SandboxSwitches> = {}): Switchboard {
  let switches: SandboxSwitches = { ...defaultSwitches, ...initial };
  let renderer = createOrderRenderer(switches);
  return {
    switches: () => switches,
    renderer: () => renderer,
    change(change) {
      if (change.bucketScope !== undefined && change.bucketScope !== switches.bucketScope) {
        throw new Error('Buckets are made at the start of the sandbox: bucketScope can be told only then.');
      }
      switches = { ...switches, ...change };
      renderer = createOrderRenderer(switches);
    },
  };
}
