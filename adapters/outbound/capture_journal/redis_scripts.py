"""Journals in Redis: the records of each as one run of bytes, cut into chunks. Each script is one step.

Under the prefix of the leases (`KEYS[1]`) lie

- `journal:<conversation>`: a hash of `size` (bytes), `opened` (microseconds since 1970), `fence` (of who wrote last),
  and `forks`: a line for each server that went on with it: from which byte, and what its first bytes were;
- `chunk:<conversation>:<n>`: bytes from `n * CHUNK` on;
- `journals`: a sorted set of the conversations by `opened`;
- `gone:<conversation>`: `opened` of a journal that was removed, for servers that have a copy of it and were away;
- `forks:<conversation>`: what its `forks` were, and where it ended: so these servers know what nobody had of them.

What a server appends, it appends with the fence of its lease. Nothing is taken from one that somebody followed.
"""

CHUNK = 1 << 22
LOST, GONE = -1, -2
HEAD = 64
"""Bytes by which it is known whose continuation a file has."""
KEPT_GONE = 30 * 24 * 3_600 * 1_000
"""Milliseconds."""

_PARTS = f"""
local CHUNK, LOST, GONE, HEAD = {CHUNK}, {LOST}, {GONE}, {HEAD}
local function chunk(id, at) return KEYS[1] .. 'chunk:' .. id .. ':' .. math.floor(at / CHUNK) end
local function cut(id, size, target)
    for at = math.floor(target / CHUNK) * CHUNK, size, CHUNK do
        local kept = target > at and redis.call('GETRANGE', chunk(id, at), 0, target - at - 1) or ''
        redis.call('DEL', chunk(id, at))
        if kept ~= '' then redis.call('SET', chunk(id, at), kept) end
    end
end
"""

APPEND = (
    _PARTS
    + """
-- conversation, fence, opened, offset and bytes of each
local function append(id, fence, opened, offset, data)
    local gone = redis.call('GET', KEYS[1] .. 'gone:' .. id)
    if gone and tonumber(gone) >= opened then return GONE end
    local held = redis.call('HGET', KEYS[1] .. 'lease:' .. id, 'fence')
    local place = KEYS[1] .. 'journal:' .. id
    local found = redis.call('HMGET', place, 'size', 'fence', 'forks')
    local size, last = tonumber(found[1] or 0), tonumber(found[2] or 0)
    if math.max(last, tonumber(held or 0)) > fence then return LOST end
    if offset > size then return size end
    if not found[1] then
        redis.call('ZADD', KEYS[1] .. 'journals', opened, id)
        redis.call('HSET', place, 'opened', string.format('%.0f', opened))
    end
    if found[1] and fence > last and #data > 0 then
        local head = string.sub(data, 1, HEAD)
        local fork = string.format('%.0f %d %s\\n', offset, #head, redis.sha1hex(head))
        redis.call('HSET', place, 'forks', (found[3] or '') .. fork)
    end
    if offset < size and fence > last then
        cut(id, size, offset)
        size = offset
    end
    data = string.sub(data, size - offset + 1)
    while #data > 0 do
        local room = CHUNK - size % CHUNK
        local piece = string.sub(data, 1, room)
        redis.call('APPEND', chunk(id, size), piece)
        size, data = size + #piece, string.sub(data, room + 1)
    end
    redis.call('HSET', place, 'size', string.format('%.0f', size), 'fence', fence)
    return size
end
local sizes = {}
for index = 1, #ARGV, 5 do
    sizes[#sizes + 1] = append(ARGV[index], tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2]),
        tonumber(ARGV[index + 3]), ARGV[index + 4])
end
return sizes
"""
)
"""Of each its size then; LOST: somebody else writes it; GONE: it was removed; less than the offset: go back there.

What came before and is told again, because the answer was lost, is known by its place. Who writes with a greater fence
says where it goes on: what is behind that was not whole.
"""

REMOVE = (
    _PARTS
    + f"""
-- conversation, when the caller's copy was opened (0: it has none)
local place = KEYS[1] .. 'journal:' .. ARGV[1]
local found = redis.call('HMGET', place, 'size', 'opened', 'forks')
local opened = found[2] or ARGV[2]
cut(ARGV[1], tonumber(found[1] or 0), 0)
redis.call('DEL', place)
redis.call('ZREM', KEYS[1] .. 'journals', ARGV[1])
if found[1] then
    redis.call('SET', KEYS[1] .. 'forks:' .. ARGV[1], (found[3] or '') .. found[1] .. ' 0 -\\n', 'PX', {KEPT_GONE})
end
if opened ~= '0' then redis.call('SET', KEYS[1] .. 'gone:' .. ARGV[1], opened, 'PX', {KEPT_GONE}) end
"""
)

STATE = """
-- conversations
local found = {}
for index, id in ipairs(ARGV) do
    local state = redis.call('HMGET', KEYS[1] .. 'journal:' .. id, 'size', 'opened', 'fence', 'forks')
    found[index] = {state[1] or '-1', state[2] or '0', state[3] or '0',
        redis.call('GET', KEYS[1] .. 'gone:' .. id) or '0',
        state[4] or redis.call('GET', KEYS[1] .. 'forks:' .. id) or ''}
end
return found
"""
