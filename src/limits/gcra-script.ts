/**
 * The same algorithm as `gcra.ts`, inside Redis: one round trip, one clock for all replicas (that of Redis), nothing
 * between reading and writing. The bucket is the time at which it is full again, in microseconds since the epoch, and
 * it is forgotten once it has been full for a while.
 */
import { script } from '../redis/shared-redis.js';

/** Milliseconds that a full bucket is kept. Without it a replica of Redis with a clock ahead would drop it too early. */
const KEPT_WHEN_FULL_MS = 10_000;

/**
 * Arguments: interval and tolerance in microseconds, cost in tokens, the lead that the asking process knows of, and
 * optionally the time in microseconds, for tests that cannot wait. Returns whether it was allowed (1 or 0) and the lead.
 */
export const TAKE_SCRIPT = script(`
local interval = tonumber(ARGV[1])
local tolerance = tonumber(ARGV[2])
local now = tonumber(ARGV[5])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local known = tonumber(ARGV[4])
local stored = redis.call('GET', KEYS[1])
local before = stored and tonumber(stored) - now or 0
before = math.min(math.max(before, known, 0), tolerance)
local after = before + tonumber(ARGV[3]) * interval
local allowed = after <= tolerance
local lead = allowed and after or before
if allowed or known > 0 then
  local life = math.ceil(lead / 1000) + ${KEPT_WHEN_FULL_MS}
  redis.call('SET', KEYS[1], string.format('%.0f', now + lead), 'PX', string.format('%.0f', life))
end
return { allowed and 1 or 0, lead }
`);
