/** The body of `GET /store`. It holds the API key and the mail password in clear, as Order Desk's does. */
import type { SandboxSwitches } from './switches.js';
import type { FolderRecord, StoreProfile } from './types.js';

/** @returns JSON text, with the folders in the merchant's order, which an object of JavaScript would not keep */
export function storeJson(
  profile: StoreProfile,
  folders: readonly FolderRecord[],
  switches: SandboxSwitches,
): string {
  const id = switches.storeIdType === 'number' ? Number(profile.id) : profile.id;
  const pairs = folders.map((folder) => `"${folder.id}":${JSON.stringify(folder.name)}`);
  const asList = folders.length === 0 && switches.emptyFolders === 'list';
  return [
    `{"id":${JSON.stringify(id)}`,
    `"name":${JSON.stringify(profile.name)}`,
    `"settings":${JSON.stringify(settings(profile))}`,
    `"folders":${asList ? '[]' : `{${pairs.join(',')}}`}}`,
  ].join(',');
}

function settings(profile: StoreProfile) {
  const mail = `store-${profile.id}@example.com`;
  return {
    app_version: '2.0',
    locale_code: profile.locale,
    timezone: profile.timeZone,
    store_country: profile.country,
    store_email: mail,
    admin_email: mail,
    normalize_capitalization: '1',
    normalize_phone_numbers: '0',
    date_format: 'Y-m-d H:i:s',
    short_date_format: 'Y-m-d',
    orders_per_page: 50,
    report_frequency: '',
    dashboard_report_type: 'daily',
    store_url: `https://store-${profile.id}.example.com`,
    custom_css: '',
    security_po_box_warn: '',
    security_different_address_warn: '',
    security_different_country_warn: '',
    security_quantity_warn: 0,
    limit_address_field_char_length: 0,
    country_name_format: '0',
    all_orders_name: 'All Orders',
    api_key: profile.apiKey,
    all_orders_column_view: [],
    shipping_methods: ['Standard', 'Expedited', 'International Tracked'],
    default_checkout_data_fields: [],
    smtp_port: '587',
    smtp_host: 'smtp.example.com',
    smtp_username: mail,
    smtp_password: profile.smtpPassword,
    smtp_encryption: 'tls',
    smtp_headers: '',
    auto_update_stock_count: '1',
    auto_create_inventory_items: '',
    normalizeCapitalization: 1,
  };
}
