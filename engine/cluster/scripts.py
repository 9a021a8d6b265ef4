"""What Redis does in one step. Times are its own, so that the instances' clocks do not matter."""

TAKE_LEASE = """
-- KEYS: leases, nodes that wait (by since when, in microseconds: two must not tie), nodes that wait
-- (by when they last asked), nodes
-- ARGV: most leases, node, lease, milliseconds of a lease, milliseconds until a node is forgotten
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local node = ARGV[2]
redis.call('ZADD', KEYS[4], now + ARGV[4], node)
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[5])) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
local nodes = redis.call('ZCARD', KEYS[4])
local free = ARGV[1] - redis.call('ZCARD', KEYS[1])
local ahead = redis.call('ZRANK', KEYS[2], node) or redis.call('ZCARD', KEYS[2])
if redis.call('ZSCORE', KEYS[1], ARGV[3]) or free > ahead then
  redis.call('ZADD', KEYS[1], now + ARGV[4], ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('ZREM', KEYS[2], node)
  redis.call('ZREM', KEYS[3], node)
  return {1, nodes}
end
redis.call('ZADD', KEYS[2], 'NX', time[1] * 1000000 + time[2], node)
redis.call('ZADD', KEYS[3], now, node)
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return {0, nodes}
"""
"""A lease, if there are more free ones than instances that have waited for longer (or if it was
given before, and nobody heard that); and how many instances there are. An instance that was served
stands behind the others the next time."""

RENEW_LEASES = """
-- KEYS: nodes, then leases (as many as there are names of leases in ARGV)
-- ARGV: node, milliseconds of a lease, then the names of leases
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
for i = 3, #ARGV do
  redis.call('ZADD', KEYS[i - 1], now + ARGV[2], ARGV[i])
  redis.call('PEXPIRE', KEYS[i - 1], ARGV[2])
end
return redis.call('ZCARD', KEYS[1])
"""
"""Also what has run out meanwhile is there again: the calls are under way. Returns the
instances."""

TAKE_TOKENS = """
-- KEYS: calls by when they count, tokens of each call and their sum, the node that saves
-- ARGV: most tokens, node, call, its tokens, milliseconds of a minute, milliseconds of saving
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wanted = tonumber(ARGV[4])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[5])) do
  redis.call('HINCRBY', KEYS[2], 'sum', -(redis.call('HGET', KEYS[2], gone) or 0))
  redis.call('HDEL', KEYS[2], gone)
  redis.call('ZREM', KEYS[1], gone)
end
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 1 then
  return 0
end
local used = tonumber(redis.call('HGET', KEYS[2], 'sum') or 0)
local saves = redis.call('GET', KEYS[3])
if saves and saves ~= ARGV[2] then
  return math.max(1, redis.call('PTTL', KEYS[3]))
end
if used == 0 or used + wanted <= tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[3], wanted)
  redis.call('HINCRBY', KEYS[2], 'sum', wanted)
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  redis.call('DEL', KEYS[3])
  return 0
end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[6])
local missing = used + wanted - ARGV[1]
local oldest = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #oldest, 2 do
  missing = missing - redis.call('HGET', KEYS[2], oldest[i])
  if missing <= 0 or i == #oldest - 1 then
    return math.max(1, oldest[i + 1] + ARGV[5] - now)
  end
end
"""
"""0 if the tokens fit into the minute (or were taken before, and nobody heard that; or if nothing
else counts: a call that is larger than the whole minute is sent alone), else the milliseconds until
they may. Until then the instance that was refused saves: others get nothing, or their small calls
would for ever take what its large one needs."""

CORRECT_TOKENS = """
-- KEYS: calls by when they count, tokens of each call and their sum
-- ARGV: call, tokens since it was sent, further ones from now on, name of those, milliseconds of a
-- minute
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('HGET', KEYS[2], ARGV[1])
if before then
  redis.call('HINCRBY', KEYS[2], 'sum', ARGV[2] - before)
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
if tonumber(ARGV[3]) > 0 and redis.call('HEXISTS', KEYS[2], ARGV[4]) == 0 then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('HSET', KEYS[2], ARGV[4], ARGV[3])
  redis.call('HINCRBY', KEYS[2], 'sum', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
return 0
"""
"""What a call counts for after all; may run twice."""

EXTEND = """
-- KEYS: a name; ARGV: milliseconds, value
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
end
"""
"""Keep a name for so long; never for less than it is kept already."""
