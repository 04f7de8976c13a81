/**
 * Loaded before the service (`node --import`): its wall clock jumps whenever it gets SIGWINCH, which nothing
 * else sends to a process without a terminal.
 */
const DAY = 86_400_000;
/** How far each signal moves the clock. Their sum is zero. */
const JUMPS = [DAY, -2 * DAY, 400 * DAY, -4000 * DAY, 3601 * DAY];

let offset = 0;
let jumps = 0;
const SystemDate = Date;
const systemNow = Date.now;

Date.now = () => systemNow() + offset;
globalThis.Date = new Proxy(SystemDate, {
  construct: (target, values, self) =>
    Reflect.construct(target, values.length === 0 ? [Date.now()] : values, self) as object,
  apply: () => new SystemDate(Date.now()).toString(),
});
process.on('SIGWINCH', () => {
  offset += JUMPS[jumps % JUMPS.length] ?? 0;
  jumps += 1;
});
