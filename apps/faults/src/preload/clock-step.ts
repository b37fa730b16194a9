/*
 * Loaded into a process before anything else (`node --import`): every SIGUSR2 moves its wall clock to the next
 * of these offsets, as a wrong time server would. Timers and the monotonic clock go on as before.
 */
const OFFSETS_MS = [3_600_000, 0, -3_600_000, 600_000];

const RealDate = Date;
let steps = 0;
let offsetMs = 0;
const now = (): number => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

process.on("SIGUSR2", () => {
  offsetMs = OFFSETS_MS[steps++ % OFFSETS_MS.length] ?? 0;
});
