/** The product's own transport plugin with the suite's fixture catalogue where the product's would be. */
import { startBareServer } from '../support/bare-server.js';
import { fixtureCatalogue } from './fixture-catalogue.js';

export const startFixtureServer = () => startBareServer(fixtureCatalogue);
