import { PLANTED } from '../secrets/planted.ts';
import type { TestServer } from '../store/redis-server.ts';

/** Looks through one page of keys; answers the next cursor and the numbers of the texts it found. */
const SCRIPT = `
  local page = redis.call('SCAN', ARGV[1], 'COUNT', 1000)
  local found = {page[1]}
  local function look(text)
    for number = 2, #ARGV do
      if string.find(text, ARGV[number], 1, true) then found[#found + 1] = tostring(number - 2) end
    end
  end
  for _, key in ipairs(page[2]) do
    look(key)
    local type = redis.call('TYPE', key).ok
    if type == 'hash' then for _, part in ipairs(redis.call('HGETALL', key)) do look(part) end
    elseif type == 'string' then look(redis.call('GET', key)) end
  end
  return table.concat(found, ' ')`;

/** The planted secrets that any key or value of the shared store holds. Throws when it cannot be read. */
export async function leaksInStore(store: TestServer): Promise<string[]> {
  const secrets = Object.values(PLANTED);
  const leaks = new Set<string>();
  let cursor = '0';
  do {
    const answer = await store.command('EVAL', SCRIPT, '0', cursor, ...secrets);
    const [next = '', ...found] = answer.split(' ');
    if (!/^\d+$/.test(next)) throw new Error(`the store could not be searched: ${answer.slice(0, 200)}`);
    for (const number of found) leaks.add(secrets[Number(number)] ?? '');
    cursor = next;
  } while (cursor !== '0');
  return [...leaks];
}
