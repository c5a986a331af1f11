/** How many tenants call: a number, never who. */
import { Gauge, type Registry } from 'prom-client';
import { ActiveTenants } from './active-tenants.js';
import type { TenantMetrics } from './port.js';

/** @param now milliseconds on a clock that never goes back */
export function createTenantMetrics(registry: Registry, now: () => number): TenantMetrics {
  const active = new ActiveTenants(now);
  const gauge = (name: string, help: string) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(active.count());
      },
    });
  gauge('active_tenants', 'Tenants with a call in the last five minutes.');
  gauge('active_tenants_total', 'Another name of active_tenants, for dashboards that know it by this one.');
  return {
    noteTenant(tenantId) {
      active.note(tenantId);
    },
  };
}
