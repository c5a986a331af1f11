/**
 * The rules of `rules.ts` inside Redis: one round trip each, one clock for all replicas (that of Redis), nothing
 * between reading and writing. A bucket is one line of whole numbers, times in microseconds since the epoch, and is
 * forgotten when it has been full for a while. The line says the interval that its levels were counted in: servers with
 * another rate, as while a change of it is rolled out, mean as many tokens by it.
 */
import { type Script, script } from '../../redis/shared-redis.js';
import { FOREIGN_US, HEAD_ROOM_TOKENS, LONGEST_PAUSE_US, STRETCH_US, STRETCHES } from './rules.js';

/** Milliseconds that a full bucket is kept: a bucket that was forgotten starts low again. */
const KEPT_WHEN_FULL_MS = 600_000;

/** Every script's first arguments: interval, capacity, and the time for tests that cannot wait, or nothing. */
const PRELUDE = `
local interval = tonumber(ARGV[1])
local capacity = tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local function stretchOf(time) return math.floor(time / ${STRETCH_US}) end
local level, at, foreign, paused, epoch, stretch
local lows = {}
local function create(start)
  level, at, foreign, paused, epoch, stretch = start, now, 0, 0, now, stretchOf(now)
  for place = 1, ${STRETCHES} do lows[place] = start end
end
local function refill()
  for each = math.max(stretch + 1, stretchOf(now) - ${STRETCHES - 1}), stretchOf(now) do
    lows[each % ${STRETCHES} + 1] = math.min(capacity, level + math.max(0, each * ${STRETCH_US} - at))
  end
  stretch = stretchOf(now)
  paused = math.min(paused, now + ${LONGEST_PAUSE_US})
  foreign = math.min(foreign, now + ${LONGEST_PAUSE_US + FOREIGN_US})
  at = math.min(at, math.max(now, paused))
  level = math.min(capacity, level + math.max(0, now - at))
  at = math.max(now, at)
end
local stored = redis.call('GET', KEYS[1])
if stored then
  local fields = {}
  for field in string.gmatch(stored, '%d+') do fields[#fields + 1] = tonumber(field) end
  stored = #fields == ${7 + STRETCHES} and fields[7] > 0
  if stored then
    level, at, foreign, paused, epoch, stretch = unpack(fields)
    local function inOurs(amount) return math.floor(amount * interval / fields[7]) end
    level = inOurs(level)
    for place = 1, ${STRETCHES} do lows[place] = inOurs(fields[7 + place]) end
    refill()
  end
end
local function lower(to)
  level = math.max(0, to)
  local place = stretch % ${STRETCHES} + 1
  lows[place] = math.min(lows[place], level)
end
local function pause(us)
  local ends = now + math.min(us, ${LONGEST_PAUSE_US})
  if ends <= paused then return end
  lower(0)
  at, paused, foreign = ends, ends, ends + ${FOREIGN_US}
end
local function save()
  local line = { level, at, foreign, paused, epoch, stretch, interval, unpack(lows) }
  for field = 1, #line do line[field] = string.format('%.0f', line[field]) end
  local life = math.ceil((at - now + capacity - level) / 1000) + ${KEPT_WHEN_FULL_MS}
  redis.call('SET', KEYS[1], table.concat(line, ' '), 'PX', string.format('%.0f', life))
end
`;

/**
 * Then: the levels needed alone and beside others; the level of a bucket that is missing; what the asking process
 * knows from a time without Redis, as the highest level it may hold (or -1) and the rest of a pause; the epoch of the
 * bucket it last saw (or 0), and the same knowledge of that one, which counts where the bucket is another by now.
 * Returns the wait in microseconds (0: taken), the epoch, the time, the level, the rest of the pause.
 */
export const RESERVE: Script = script(`${PRELUDE}
local needAlone = tonumber(ARGV[4])
local needForeign = tonumber(ARGV[5])
local known = tonumber(ARGV[7])
local knownPause = tonumber(ARGV[8])
local seen = tonumber(ARGV[10])
local seenPause = tonumber(ARGV[11])
local isOther = not stored or epoch ~= tonumber(ARGV[9])
if not stored then create(tonumber(ARGV[6])) end
if isOther and seen >= 0 then lower(math.min(level, seen)) end
if isOther and seenPause > 0 then pause(seenPause) end
if known >= 0 then lower(math.min(level, known)) end
if knownPause > 0 then pause(knownPause) end
local function waitFor(need) return at - now + math.max(0, need - level) end
local wait = math.min(waitFor(needForeign), math.max(waitFor(needAlone), foreign - now, 0))
if wait <= 0 then lower(level - interval) end
if wait <= 0 or known >= 0 or isOther then save() end
return { math.max(0, wait), epoch, now, level, math.max(0, paused - now) }
`);

/**
 * Then: the level of a bucket that is missing. Returns whether somebody else uses the bucket (1 or 0), then what RESERVE
 * does, and writes nothing.
 */
export const PEEK: Script = script(`${PRELUDE}
if not stored then create(tonumber(ARGV[4])) end
local isForeign = foreign > now and 1 or 0
return { isForeign, epoch, now, level, math.max(0, paused - now) }
`);

/** Then: epoch and time of the token, tokens that were left. Returns 1 when somebody else used the bucket. */
export const OBSERVE: Script = script(`${PRELUDE}
if not stored or epoch ~= tonumber(ARGV[4]) then return 0 end
local first = stretchOf(tonumber(ARGV[5]))
if first <= stretch - ${STRETCHES} then return 0 end
local lowest = level
for each = first, stretch do lowest = math.min(lowest, lows[each % ${STRETCHES} + 1]) end
local missing = lowest - tonumber(ARGV[6]) * interval
if missing < interval then return 0 end
lower(level - missing - ${HEAD_ROOM_TOKENS} * interval)
foreign = math.max(foreign, now + ${FOREIGN_US})
save()
return 1
`);

/** Then: microseconds. */
export const PAUSE: Script = script(`${PRELUDE}
if not stored then create(0) end
pause(tonumber(ARGV[4]))
save()
return 1
`);

/** Then: the epoch of the token. */
export const GIVE_BACK: Script = script(`${PRELUDE}
if not stored or epoch ~= tonumber(ARGV[4]) or paused > now then return 0 end
level = math.min(capacity, level + interval)
save()
return 1
`);
