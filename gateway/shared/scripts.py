"""What Redis does in one step. Times are its own, so that the nodes' clocks do not matter."""

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
"""A lease, if there are more free ones than nodes that have waited for longer (or if it was given
before, and nobody heard that); and how many nodes there are. A node that was served stands behind
the others the next time."""

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
"""Also what has run out meanwhile is there again: the calls are under way. Returns the nodes."""

EXTEND = """
-- KEYS: a name; ARGV: milliseconds, value
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
end
"""
"""Keep a name for so long; never for less than it is kept already."""
