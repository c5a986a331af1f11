/** The stores of the demo, as the calls name them. */
export const DEFAULT_STORE = 'Juniper & Oak (sandbox)';
export const OTHER_STORE = 'Nordlicht Papeterie (sandbox)';
