import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import { createStoreGateway } from '../../../src/orderdesk/gateway.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import { storeEntry, storeReply } from './records.js';

describe('the settings of a store whose folders the owner configures', () => {
  function subject() {
    let requests = 0;
    const gateway = createStoreGateway({
      send: async () => {
        requests += 1;
        return { body: storeReply(), tookMs: 0, tokensRemaining: undefined };
      },
      cache: createMemoryCache(),
    });
    return async (change: Partial<StoreEntry>) => {
      await gateway.store({ ...storeEntry(), ...change }, { signal: new AbortController().signal });
      return requests;
    };
  }

  it('are read anew once another folder is configured, which may be newer than what is cached', async () => {
    const read = subject();
    expect(await read({})).toBe(1);
    expect(await read({ folderStates: { 990: 'closed' } })).toBe(2);
    expect(await read({ folderStates: { 990: 'closed' }, folderNotes: { 991: 'Prints' } })).toBe(3);
  });

  it('are not read anew for another word on the same folders, in whatever order they come', async () => {
    const read = subject();
    expect(await read({ folderStates: { 5: 'closed', x: 'open' }, folderNotes: { 7: 'Prints' } })).toBe(1);
    expect(await read({ folderStates: { x: 'open', 7: 'canceled' }, folderNotes: { 5: 'Sends' } })).toBe(1);
    expect(await read({ folderStates: { '5,7': 'open', x: 'open' } })).toBe(2);
  });
});
