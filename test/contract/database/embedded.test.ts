import { openInMemory } from '../../../src/storage/embedded.js';
import { databaseContract } from './suite.js';

databaseContract({
  name: 'embedded',
  open: async () => {
    const database = await openInMemory();
    return { database, owner: database, close: () => database.close() };
  },
});
