import { createHash } from 'node:crypto';
import type { FieldOperation, Operation } from './port.ts';

/**
 * The record algebra inside Redis: `apply-operations.ts` in Lua, on one hash, in one atomic step that
 * answers the merged record. A property test demands that both make equal records of equal operations.
 *
 * Texts are compared byte by byte, not with `<`, which in Redis follows the server's locale
 * (`LC_COLLATE`), and replicas whose servers run under different locales would disagree.
 *
 * KEYS[1] the hash; ARGV[1] time to live in ms; then operations as `mergeArguments` writes them.
 */
export const MERGE_SCRIPT = `
local key, ttl = KEYS[1], ARGV[1]
local flat = redis.call('HGETALL', key)
local record, dirty, gone = {}, {}, {}
for i = 1, #flat, 2 do record[flat[i]] = flat[i + 1] end

local function less(a, b)
  if a == b then return false end
  local n = math.min(#a, #b)
  for i = 1, n do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function split(joined)
  local members, start = {}, 1
  while true do
    local at = string.find(joined, '\\n', start, true)
    if not at then
      members[#members + 1] = string.sub(joined, start)
      return members
    end
    members[#members + 1] = string.sub(joined, start, at - 1)
    start = at + 1
  end
end

local function put(field, value)
  record[field] = value
  dirty[field] = true
  gone[field] = nil
end

local function keep(joined, member, limit, last)
  if not joined then return member end
  if joined == member then return joined end
  local members = split(joined)
  local position = #members + 1
  while position > 1 and not less(members[position - 1], member) do position = position - 1 end
  if members[position] == member then return joined end
  if #members >= limit then
    if position == (last and 1 or #members + 1) then return joined end
    table.insert(members, position, member)
    while #members > limit do table.remove(members, last and 1 or #members) end
  else
    table.insert(members, position, member)
  end
  return table.concat(members, '\\n')
end

local at = 2
local function operate(kind, prefix, active)
  local field = prefix .. ARGV[at + 1]
  local value = ARGV[at + 2]
  local old = record[field]
  if kind == 's' or kind == 'l' then
    local limit = tonumber(ARGV[at + 3])
    at = at + 4
    if active then
      local kept = keep(old, value, limit, kind == 'l')
      if kept ~= old then put(field, kept) end
    end
    return
  end
  at = at + 3
  if not active then return end
  if kind == 'f' then
    if old then return end
    local ordinal = string.format('%08d', tonumber(record['#'] or '0') + 1)
    put('#', ordinal)
    put(field, ordinal .. '|' .. value)
  elseif not old or (kind == 'm' and less(value, old)) or (kind == 'M' and less(old, value)) then
    put(field, value)
  end
end

local function contains(joined, member)
  return string.find('\\n' .. joined .. '\\n', '\\n' .. member .. '\\n', 1, true) ~= nil
end

while at <= #ARGV do
  local kind = ARGV[at]
  if kind == 'g' then
    local field, member, limit, count = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    at = at + 5
    local before = record[field]
    local after = keep(before, member, limit, false)
    if after ~= before then
      put(field, after)
      if before then
        for _, displaced in ipairs(split(before)) do
          if not contains(after, displaced) then
            local prefix = field .. '/' .. displaced .. '/'
            for name in pairs(record) do
              if string.sub(name, 1, #prefix) == prefix then
                record[name] = nil
                dirty[name] = nil
                gone[name] = true
              end
            end
          end
        end
      end
    end
    local active = contains(after, member)
    for _ = 1, count do operate(ARGV[at], field .. '/' .. member .. '/', active) end
  else
    operate(kind, '', true)
  end
end

local function flush(command, names, paired)
  local batch = {}
  for name in pairs(names) do
    batch[#batch + 1] = name
    if paired then batch[#batch + 1] = record[name] end
    if #batch >= 100 then
      redis.call(command, key, unpack(batch))
      batch = {}
    end
  end
  if #batch > 0 then redis.call(command, key, unpack(batch)) end
end

if #ARGV > 1 then
  flush('HSET', dirty, true)
  flush('HDEL', gone, false)
  redis.call('PEXPIRE', key, ttl)
end
local answer = {}
for name, value in pairs(record) do
  answer[#answer + 1] = name
  answer[#answer + 1] = value
end
return answer
`;

/** The digest by which EVALSHA calls {@link MERGE_SCRIPT}. */
export const MERGE_SCRIPT_SHA = createHash('sha1').update(MERGE_SCRIPT).digest('hex');

/** ARGV of one merge: the time to live, then the operations. */
export function mergeArguments(ttlMs: number, operations: readonly Operation[]): string[] {
  const args = [String(Math.max(1, Math.ceil(ttlMs)))];
  for (const operation of operations) {
    if (operation.op === 'group') {
      const { field, member, limit } = operation;
      args.push(
        'g',
        escapeText(field),
        escapeText(member),
        String(limit),
        String(operation.operations.length),
      );
      for (const nested of operation.operations) pushField(args, nested);
    } else pushField(args, operation);
  }
  return args;
}

/** A merge's answer as a record. */
export function readMerged(answer: unknown): Map<string, string> | undefined {
  if (!Array.isArray(answer)) return undefined;
  const record = new Map<string, string>();
  for (let i = 0; i + 1 < answer.length; i += 2) {
    record.set(unescapeText(String(answer[i])), unescapeText(String(answer[i + 1])));
  }
  return record;
}

function pushField(args: string[], operation: FieldOperation): void {
  if (operation.op === 'keep') {
    const kind = operation.end === 'smallest' ? 's' : 'l';
    args.push(kind, escapeText(operation.field), escapeText(operation.member), String(operation.limit));
    return;
  }
  const kind = operation.op === 'min' ? 'm' : operation.op === 'max' ? 'M' : 'f';
  args.push(kind, escapeText(operation.field), escapeText(operation.value));
}

/**
 * ASCII that orders by byte as the text orders by code unit, for any text, lone surrogates included: what
 * lies beyond `~` becomes DEL and four hexadecimal digits.
 */
export function escapeText(text: string): string {
  return BEYOND_ASCII.test(text) ? text.replace(ALL_BEYOND_ASCII, escapeUnit) : text;
}

/** The text that {@link escapeText} was given. */
export function unescapeText(text: string): string {
  return text.includes(DEL) ? text.replace(ESCAPED, unescapeUnit) : text;
}

const DEL = '\u007f';
const BEYOND_ASCII = /[\u007f-\uffff]/;
const ALL_BEYOND_ASCII = /[\u007f-\uffff]/g;
const ESCAPED = /\u007f([0-9a-f]{4})/g;

function escapeUnit(unit: string): string {
  return DEL + unit.charCodeAt(0).toString(16).padStart(4, '0');
}

function unescapeUnit(_whole: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}
