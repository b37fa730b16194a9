import { execFile } from "node:child_process";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { appRoutes } from "@bull-board/api/dist/routes.js";
import { type LocalRedis, startLocalRedis } from "@patchlane/local-redis";
import { openUpdateQueue, type UpdateQueue } from "@patchlane/update-queue";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardGateway } from "./support/board-gateway.ts";

const REFERRAL = "61c65491-2f2c-461a-84b4-3654499bc1d9";
const CANARY = "jane.canary@contoso.example";

let redis: LocalRedis;
let admin: Redis;
let queue: UpdateQueue;
beforeAll(async () => {
  redis = await startLocalRedis({ durable: false });
  admin = new Redis(redis.url);
  queue = openUpdateQueue({
    redisUrl: redis.url,
    rate: { ratePerSecond: 10, burst: 1 },
    onError: () => {},
  });
  await queue.untilConnected(20_000);
  await queue.wake(REFERRAL);
  await queue.wake("ref-2", "bulk");
});
afterAll(async () => {
  admin?.disconnect();
  await queue?.close();
  await redis?.stop();
});

const open = () => boardGateway(queue.board, { hasSignIn: false });

/** Everything in Redis, to see that nothing changed. */
async function everything(): Promise<string[]> {
  const keys = (await admin.keys("*")).sort();
  return Promise.all(
    keys.map(async (key) => `${key} ${(await admin.dumpBuffer(key)).toString("hex")}`),
  );
}

test("the page and all it loads come from here, under a policy that lets nothing else in", async () => {
  const { origin } = await open();
  for (const path of ["/queues", "/queues/", "/queues/queue/lanes", "/queues/queue/lanes/1"]) {
    const page = await fetch(`${origin}${path}`);
    expect([path, page.status]).toEqual([path, 200]);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/https?:|unsafe-eval/);
    const html = await page.text();
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/<script(?! defer src=| id="__UI_CONFIG__" type="application\/json")/);
    const loaded = [...html.matchAll(/ (?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    expect(loaded.filter((file) => file?.endsWith(".js")).length).toBeGreaterThan(2);
    expect(loaded.filter((file) => file?.endsWith(".css")).length).toBeGreaterThan(0);
    for (const file of loaded) {
      const asset = await fetch(`${origin}/queues/${file}`);
      expect([file, asset.status, (await asset.text()).length > 0]).toEqual([file, 200, true]);
    }
  }
  const words = await fetch(`${origin}/queues/static/locales/en-US/messages.json`);
  expect(words.headers.get("content-type")).toContain("application/json");
});

test("administrators see which referrals' lanes wait", async () => {
  const { origin } = await open();
  const answer = await fetch(`${origin}/queues/api/queues?activeQueue=lanes&status=latest&page=1`);
  expect(await answer.json()).toMatchObject({
    queues: [
      {
        name: "lanes",
        counts: { waiting: 1 },
        readOnlyMode: true,
        allowRetries: false,
        jobs: [{ id: "1", data: { referralId: REFERRAL } }],
      },
      { name: "lanes-bulk", counts: { waiting: 1 }, readOnlyMode: true },
    ],
  });
  const job = await fetch(`${origin}/queues/api/queues/lanes/1`);
  expect(await job.json()).toMatchObject({ status: "waiting", job: { id: "1", opts: {} } });
});

const mutating = appRoutes.api.flatMap(({ method, route }) =>
  [method]
    .flat()
    .filter((name) => name !== "get")
    .map((name) => [name.toUpperCase(), String(route)]),
);

test.each([...mutating, ["DELETE", "/api/queues/:queueName/:jobId"]])(
  "%s %s is refused and changes nothing",
  async (method = "", route = "") => {
    const { origin } = await open();
    const before = await everything();
    const path = route
      .replace(":queueName", "lanes")
      .replace(":jobId", "1")
      .replace(/:\w+/, "waiting");
    const answer = await fetch(`${origin}/queues${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        name: "lane",
        data: {},
        options: {},
        force: true,
        concurrency: 1,
        delay: 1,
      }),
    });
    expect(answer.status).toBe(405);
    expect(await answer.json()).toMatchObject({ error: { code: "METHOD_NOT_ALLOWED" } });
    expect(await everything()).toEqual(before);
  },
);

test("there are such routes", () => {
  expect(mutating.length).toBeGreaterThan(15);
});

test("nothing that came into a job besides its id is shown anywhere", async () => {
  const { origin } = await open();
  await queue.wake("ref-canary");
  const [key = ""] = (await admin.keys("*:lanes:*")).filter((name) => /:lanes:2$/.test(name));
  await admin.hset(key, {
    name: CANARY,
    data: JSON.stringify({ referralId: CANARY, email: CANARY }),
    failedReason: CANARY,
    stacktrace: JSON.stringify([`Error: ${CANARY}`]),
    returnvalue: JSON.stringify({ email: CANARY }),
    progress: JSON.stringify({ at: CANARY }),
    deid: CANARY,
    pb: CANARY,
    rjk: CANARY,
    opts: JSON.stringify({ de: { id: CANARY }, note: CANARY }),
  });
  await admin.rpush(`${key}:logs`, CANARY);
  const reads = appRoutes.api
    .filter(({ method }) => method === "get")
    .map(({ route }) => String(route).replace(":queueName", "lanes").replace(":jobId", "2"));
  expect(reads).toContain("/api/queues/lanes/2/logs");
  const seen: string[] = [];
  for (const path of [...reads, "/api/queues?activeQueue=lanes&status=waiting&page=1"]) {
    const answer = await fetch(`${origin}/queues${path}`);
    seen.push(await answer.text(), [...answer.headers].join());
  }
  expect(seen.join("\n")).toContain("(not shown)"); // the job was there to be seen
  expect(seen.join("\n").toLowerCase()).not.toContain("canary");
});

test.each([
  "/queues/static/../../../package.json",
  "/queues/static/..%2f..%2f..%2fpackage.json",
  "/queues/static/%2e%2e/%2e%2e/package.json",
  "/queues/static//etc/passwd",
  "/queues/static/",
  "/queues/api/redis/stats",
  "/queues/api/queues/lanes/meta",
  "/queues/api/queues/nothing/1",
])("GET %s leads nowhere", async (path) => {
  const { origin } = await open();
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).not.toContain("devDependencies");
});

test.each([
  ["activeQueue=%25E0%25A4%25A", 400],
  ["activeQueue=lanes&page=0", 400],
  ["activeQueue=lanes&status=nothing", 400],
  ["activeQueue=lanes&status=waiting&jobsPerPage=1000000000", 200],
])(
  "a query nobody makes (%s) is answered with %i, and is no trouble of ours",
  async (query, status) => {
    const { origin, failures } = await open();
    const answer = await fetch(`${origin}/queues/api/queues?${query}`);
    await answer.text();
    expect([answer.status, failures]).toEqual([status, []]);
  },
);

test("a Redis that does not answer is said so, without its words", async () => {
  const { origin, failures } = await open();
  await redis.pause();
  try {
    const answer = await fetch(`${origin}/queues/api/queues`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "SERVICE_UNAVAILABLE" } });
    expect(failures).toHaveLength(1);
  } finally {
    await redis.resume();
  }
});

test("a gateway that is never asked for the board does not load it", async () => {
  const program = `
    import { createRequire } from "node:module";
    await import("./src/queue-board/queue-board.ts");
    const loaded = Object.keys(createRequire(import.meta.url).cache ?? {});
    console.log(loaded.filter((path) => path.includes("bull-board")).length);
    await import("./src/queue-board/board-server.ts");
    const after = Object.keys(createRequire(import.meta.url).cache ?? {});
    console.log(after.filter((path) => path.includes("bull-board")).length > 0);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@patchlane/source", "--input-type=module", "--eval", program],
    { cwd: new URL("..", import.meta.url) },
  );
  expect(stdout.trim().split("\n")).toEqual(["0", "true"]);
});
