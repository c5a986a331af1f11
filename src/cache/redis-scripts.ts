/**
 * The cache inside Redis. An entry is a string: the generations it was stored under, then the value. Generations are
 * of one length, so nobody else's string can pass for an entry, and what is of another type is not there.
 *
 * Tokens come from the caller, since the random numbers of Lua in Redis are the same after each start.
 */
import { script } from '../redis/shared-redis.js';

/**
 * Keys: the entry, then one per scope. Arguments: a new token for the scopes that have none, and its life in
 * milliseconds. Returns the value or nil, and the ticket, which is nil when a token could not be written.
 */
export const LOOKUP_SCRIPT = script(`
local present = {}
for i = 2, #KEYS do
  local generation = redis.pcall('GET', KEYS[i])
  if type(generation) ~= 'string' or #generation ~= #ARGV[1] then
    generation = ARGV[1]
    if redis.pcall('SET', KEYS[i], generation, 'PX', ARGV[2]).err then return { false, false } end
  end
  present[i - 1] = generation
end
local ticket = table.concat(present)
local isThere = redis.pcall('GETRANGE', KEYS[1], 0, #ticket - 1) == ticket
return { isThere and redis.call('GETRANGE', KEYS[1], #ticket, -1), ticket }
`);

/**
 * Keys as above. Arguments: ticket, value, life of the entry and least life of its generations in milliseconds.
 * Returns 1 when stored, 0 when the generations are others, -1 when Redis takes no writes.
 */
export const STORE_SCRIPT = script(`
local present = {}
for i = 2, #KEYS do
  local generation = redis.pcall('GET', KEYS[i])
  if type(generation) ~= 'string' then return 0 end
  present[i - 1] = generation
end
if table.concat(present) ~= ARGV[1] then return 0 end
if redis.pcall('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3]).err then return -1 end
for i = 2, #KEYS do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[i], ARGV[4]) end
end
return 1
`);
