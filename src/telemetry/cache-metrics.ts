/** What is measured of the cache. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { cappedLabel, MOST_CONSTANTS } from './labels.js';
import type { CacheMetrics } from './port.js';

export function createCacheMetrics(registry: Registry): CacheMetrics {
  const registers = [registry];
  const operations = new Counter({
    name: 'cache_operations_total',
    help: 'Operations on the cache.',
    labelNames: ['operation', 'resource'],
    registers,
  });
  let countItems = () => 0;
  const itemGauge = (name: string, help: string) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(countItems());
      },
    });
  itemGauge('cache_items', 'Entries in the cache of this process; 0 where the cache is in Redis.');
  itemGauge('cache_items_total', 'Another name of cache_items, for dashboards that know it by this one.');
  const resourceLabel = cappedLabel(MOST_CONSTANTS);
  return {
    countCache(operation, resource) {
      operations.inc({ operation, resource: resourceLabel(resource) });
    },
    setCacheItems(count) {
      countItems = count;
    },
  };
}
