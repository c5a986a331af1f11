import { openInMemory } from '../../../src/storage/embedded.js';
import { ledgerContract } from './suite.js';

ledgerContract('embedded', async () => {
  const database = await openInMemory();
  return { database, close: () => database.close() };
});
