"""Jobs in Redis. Each script is one step that nothing comes between; moments are microseconds since 1970.

Under one prefix (`KEYS[1]`, in braces, so that a cluster keeps all of it together) lie

- `job:<id>`: a hash of `kind`, `user`, `payload`, `state` (0 open, 1 done, 2 dead), `place`, `attempts`, `lease`, `due`
  (for claimed work the end of its lease), `reason`, `died`;
- `steps:<id>`: a hash of what steps gave;
- `due:<kind>`: a sorted set of places by `due`; a place is the number of the job and its id, so that they sort by age;
- `kinds`: names of kinds; `dead`: a sorted set of places by `died`; `number`: counts jobs.

Moments are handed through as text: Lua would print them with an exponent.
"""

_HELD = """
local job = KEYS[1] .. 'job:' .. ARGV[1]
local found = redis.call('HMGET', job, 'lease', 'due', 'state', 'kind', 'place')
if found[3] ~= '0' or found[1] ~= ARGV[2] or tonumber(found[2]) <= tonumber(ARGV[3]) then return 0 end
local due, steps = KEYS[1] .. 'due:' .. found[4], KEYS[1] .. 'steps:' .. ARGV[1]
"""
"""Id, lease, now: goes on if the claim is good; else the answer is 0."""

_CHANGE = "redis.call('PUBLISH', KEYS[1] .. 'changes', ARGV[#ARGV])\n"
"""The last argument tells whose change it is."""

ENQUEUE = (
    """
-- id, kind, user, payload, due, token
local job = KEYS[1] .. 'job:' .. ARGV[1]
local token = redis.call('HGET', job, 'token')
if token then return token == ARGV[6] and 1 or 0 end
if redis.call('EXISTS', job) == 1 then return 0 end
local place = string.format('%016x', redis.call('INCR', KEYS[1] .. 'number')) .. ARGV[1]
redis.call('HSET', job, 'kind', ARGV[2], 'user', ARGV[3], 'payload', ARGV[4], 'state', '0', 'due', ARGV[5],
    'place', place, 'attempts', '0', 'token', ARGV[6])
redis.call('SADD', KEYS[1] .. 'kinds', ARGV[2])
redis.call('ZADD', KEYS[1] .. 'due:' .. ARGV[2], ARGV[5], place)
"""
    + _CHANGE
    + "return 1"
)
"""1 when it was taken. The same token again is the same attempt, whose answer was lost."""

CLAIM = """
-- lease, now, end, kinds...
local oldest, moment, kind
for index = 4, #ARGV do
    local found = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'due:' .. ARGV[index], '-inf', ARGV[2],
        'WITHSCORES', 'LIMIT', 0, 1)
    local score = tonumber(found[2])
    if score and (not moment or score < moment or (score == moment and found[1] < oldest)) then
        oldest, moment, kind = found[1], score, ARGV[index]
    end
end
if not oldest then return {} end
local id = string.sub(oldest, 17)
local job = KEYS[1] .. 'job:' .. id
redis.call('ZADD', KEYS[1] .. 'due:' .. kind, ARGV[3], oldest)
redis.call('HSET', job, 'lease', ARGV[1], 'due', ARGV[3])
local attempts = redis.call('HINCRBY', job, 'attempts', 1)
local found = redis.call('HMGET', job, 'user', 'payload')
return {id, kind, found[1], found[2], attempts}
"""
"""What is claimed, or nothing."""

EXTEND = (
    _HELD
    + """
redis.call('HSET', job, 'due', ARGV[4])
redis.call('ZADD', due, ARGV[4], found[5])
return 1
"""
)
REMEMBER = _HELD + "redis.call('HSET', steps, ARGV[4], ARGV[5]) return 1"
RECALL = _HELD + "return redis.call('HGETALL', steps)"
COMPLETE = (
    _HELD
    + """
redis.call('ZREM', due, found[5])
redis.call('DEL', steps, job)
redis.call('HSET', job, 'state', '1')
return 1
"""
)
"""All that is left says that it was taken."""
RETRY = (
    _HELD
    + """
redis.call('HSET', job, 'lease', '', 'reason', ARGV[4], 'due', ARGV[5])
redis.call('ZADD', due, ARGV[5], found[5])
"""
    + _CHANGE
    + "return 1"
)
BURY = (
    _HELD
    + """
redis.call('ZREM', due, found[5])
redis.call('HSET', job, 'state', '2', 'lease', '', 'reason', ARGV[4], 'died', ARGV[3])
redis.call('ZADD', KEYS[1] .. 'dead', ARGV[3], found[5])
return 1
"""
)
REVIVE = (
    """
-- id, now
local job = KEYS[1] .. 'job:' .. ARGV[1]
local found = redis.call('HMGET', job, 'state', 'kind', 'place')
if found[1] ~= '2' then return 0 end
redis.call('ZREM', KEYS[1] .. 'dead', found[3])
redis.call('HSET', job, 'state', '0', 'attempts', '0', 'due', ARGV[2])
redis.call('ZADD', KEYS[1] .. 'due:' .. found[2], ARGV[2], found[3])
"""
    + _CHANGE
    + "return 1"
)
FORGET = """
-- id
local job = KEYS[1] .. 'job:' .. ARGV[1]
local found = redis.call('HMGET', job, 'kind', 'place')
if found[1] then redis.call('ZREM', KEYS[1] .. 'due:' .. found[1], found[2]) end
if found[2] then redis.call('ZREM', KEYS[1] .. 'dead', found[2]) end
redis.call('DEL', job, KEYS[1] .. 'steps:' .. ARGV[1])
return 1
"""
DEAD_LETTERS = """
-- first, last: places among the dead, newest first
local letters = {}
for _, place in ipairs(redis.call('ZREVRANGE', KEYS[1] .. 'dead', ARGV[1], ARGV[2])) do
    local id = string.sub(place, 17)
    local found = redis.call('HMGET', KEYS[1] .. 'job:' .. id, 'kind', 'user', 'payload', 'attempts', 'reason', 'died')
    table.insert(letters, {id, unpack(found)})
end
return letters
"""
PILE = """
-- now
local ready, open, oldest = 0, 0, nil
for _, kind in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'kinds')) do
    local due = KEYS[1] .. 'due:' .. kind
    open = open + redis.call('ZCARD', due)
    ready = ready + redis.call('ZCOUNT', due, '-inf', ARGV[1])
    local found = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
    if found[2] and (not oldest or tonumber(found[2]) < tonumber(oldest)) then oldest = found[2] end
end
return {ready, open, redis.call('ZCARD', KEYS[1] .. 'dead'), oldest or ''}
"""
"""Work that is due, all that is open, what is dead, and when the first work is or was due, as text."""
NEXT_DUE = """
-- after
local first
for _, kind in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'kinds')) do
    local found = redis.call('ZRANGEBYSCORE', KEYS[1] .. 'due:' .. kind, '(' .. ARGV[1], '+inf',
        'WITHSCORES', 'LIMIT', 0, 1)
    if found[2] and (not first or tonumber(found[2]) < tonumber(first)) then first = found[2] end
end
return first or ''
"""
"""When the first work becomes due after a moment, as text."""
