"""Leases in Redis. Each script is one step that nothing comes between.

Under one prefix (`KEYS[1]`) lie

- `beat:<server>`: is there as long as a server gives signs of life;
- `servers`: a set of the servers that may have leases;
- `lease:<conversation>`: a hash of `user`, `server` (empty: nobody) and `fence`, which grows with every claim;
- `of:<server>`: a set of the conversations of a server; `of:` of those that were released;
- `user:<user>`: a set of the conversations of a user.

`journal:<conversation>` is of the journals (`capture_journal/redis_scripts.py`): the fence of who wrote last is there.
"""

PREFIX = b"{omi:conversations}:"

BEAT = """
-- server, milliseconds
local beat = KEYS[1] .. 'beat:' .. ARGV[1]
local known = redis.call('EXISTS', beat)
redis.call('SET', beat, '1', 'PX', ARGV[2])
redis.call('SADD', KEYS[1] .. 'servers', ARGV[1])
if known == 1 then return false end
return redis.call('SMEMBERS', KEYS[1] .. 'of:' .. ARGV[1])
"""
"""Nothing, or what the server still has when it was silent for so long that others may have taken some of it."""

SETTLE = """
-- server, number begun, then user and conversation of each, then those that have ended
local function forget(conversation)
    local lease = KEYS[1] .. 'lease:' .. conversation
    local found = redis.call('HMGET', lease, 'server', 'user')
    if found[1] ~= ARGV[1] then return end
    redis.call('DEL', lease)
    redis.call('SREM', KEYS[1] .. 'of:' .. ARGV[1], conversation)
    redis.call('SREM', KEYS[1] .. 'user:' .. found[2], conversation)
end
local last = 2 + 2 * tonumber(ARGV[2])
for index = 3, last, 2 do
    local user, conversation = ARGV[index], ARGV[index + 1]
    local lease = KEYS[1] .. 'lease:' .. conversation
    if redis.call('EXISTS', lease) == 0 then
        redis.call('HSET', lease, 'user', user, 'server', ARGV[1], 'fence', 1)
        redis.call('SADD', KEYS[1] .. 'of:' .. ARGV[1], conversation)
        redis.call('SADD', KEYS[1] .. 'user:' .. user, conversation)
    end
end
for index = last + 1, #ARGV do forget(ARGV[index]) end
"""

CLAIM = """
-- server, user, conversation
local lease = KEYS[1] .. 'lease:' .. ARGV[3]
local found = redis.call('HMGET', lease, 'server', 'fence')
if found[1] == ARGV[1] then return {ARGV[1], tonumber(found[2])} end
if found[1] and found[1] ~= '' and redis.call('EXISTS', KEYS[1] .. 'beat:' .. found[1]) == 1 then
    return {found[1], 0}
end
local written = redis.call('HGET', KEYS[1] .. 'journal:' .. ARGV[3], 'fence')
local fence = math.max(tonumber(found[2] or 0), tonumber(written or 0)) + 1
if found[1] then redis.call('SREM', KEYS[1] .. 'of:' .. found[1], ARGV[3]) end
redis.call('HSET', lease, 'user', ARGV[2], 'server', ARGV[1], 'fence', fence)
redis.call('SADD', KEYS[1] .. 'of:' .. ARGV[1], ARGV[3])
redis.call('SADD', KEYS[1] .. 'user:' .. ARGV[2], ARGV[3])
return {ARGV[1], fence}
"""

RELEASE = """
-- server, conversation
local lease = KEYS[1] .. 'lease:' .. ARGV[2]
if redis.call('HGET', lease, 'server') ~= ARGV[1] then return end
redis.call('HSET', lease, 'server', '')
redis.call('SREM', KEYS[1] .. 'of:' .. ARGV[1], ARGV[2])
redis.call('SADD', KEYS[1] .. 'of:', ARGV[2])
"""

LEAVE = """
-- server: its leases are free at once
redis.call('DEL', KEYS[1] .. 'beat:' .. ARGV[1])
"""

INHERIT = """
-- server, a former one whose process has ended
local leases = {}
for _, conversation in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'of:' .. ARGV[2])) do
    local lease = KEYS[1] .. 'lease:' .. conversation
    redis.call('HSET', lease, 'server', ARGV[1])
    leases[#leases + 1] = conversation
    leases[#leases + 1] = redis.call('HGET', lease, 'user')
    leases[#leases + 1] = redis.call('HINCRBY', lease, 'fence', 1)
    redis.call('SADD', KEYS[1] .. 'of:' .. ARGV[1], conversation)
end
redis.call('DEL', KEYS[1] .. 'beat:' .. ARGV[2], KEYS[1] .. 'of:' .. ARGV[2])
redis.call('SREM', KEYS[1] .. 'servers', ARGV[2])
redis.call('SADD', KEYS[1] .. 'servers', ARGV[1])
return leases
"""
"""What nobody else has taken yet: only its own disk has the end of it."""

OF_USER = """
-- user
local leases = {}
for _, conversation in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'user:' .. ARGV[1])) do
    local server = redis.call('HGET', KEYS[1] .. 'lease:' .. conversation, 'server') or ''
    if server ~= '' and redis.call('EXISTS', KEYS[1] .. 'beat:' .. server) == 0 then server = '' end
    leases[#leases + 1] = conversation
    leases[#leases + 1] = ARGV[1]
    leases[#leases + 1] = server
end
return leases
"""

FREE = """
local leases = {}
local function add(server)
    local conversations = redis.call('SMEMBERS', KEYS[1] .. 'of:' .. server)
    for _, conversation in ipairs(conversations) do
        leases[#leases + 1] = conversation
        leases[#leases + 1] = redis.call('HGET', KEYS[1] .. 'lease:' .. conversation, 'user') or ''
        leases[#leases + 1] = ''
    end
    return #conversations
end
for _, server in ipairs(redis.call('SMEMBERS', KEYS[1] .. 'servers')) do
    if redis.call('EXISTS', KEYS[1] .. 'beat:' .. server) == 0 and add(server) == 0 then
        redis.call('SREM', KEYS[1] .. 'servers', server)
    end
end
add('')
return leases
"""
