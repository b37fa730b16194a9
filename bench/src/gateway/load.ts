import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMsOf } from "./cpu.ts";
import { type Answer, KeepAliveSocket } from "./keep-alive-socket.ts";
import { mutationBody, type OperationName, RULES_BODY, readBody, SUCCESS } from "./operations.ts";

export interface LoadOptions {
  /** The GraphQL endpoint. */
  readonly url: string;
  /** The server's process. */
  readonly pid: number;
  readonly operation: OperationName;
  /**
   * `closed`: every connection sends its next request when it has its answer (what the server can do).
   * `open`: requests fall due at a fixed rate whatever the server does (what a caller has to wait).
   */
  readonly arrivals:
    | { readonly kind: "closed"; readonly connections: number }
    | { readonly kind: "open"; readonly perSecond: number };
  /** How long requests are sent. */
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Answers that were not what was asked for. */
  readonly failures: number;
  readonly seconds: number;
  /** ms of processor the server used meanwhile, its threads included. */
  readonly cpuMs: number;
  /** ms from when a request was due (open) or sent (closed) to the end of its answer, sorted. */
  readonly latenciesMs: Float64Array;
}

/** Connections of an open run; a request that finds none free waits, and its wait counts. */
const OPEN_CONNECTIONS = 128;
/** Most updates the reads are spread over, and how many for a second of them. */
const READ_UPDATES = 200;
const READ_UPDATES_PER_SECOND = 200;

/** Sends requests to one server for a while and times each. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { arrivals } = options;
  const count = arrivals.kind === "closed" ? arrivals.connections : OPEN_CONNECTIONS;
  const url = new URL(options.url);
  const sockets = await Promise.all(Array.from({ length: count }, () => KeepAliveSocket.open(url)));
  try {
    const bodyOf = await bodies(options, sockets);
    const latenciesMs: number[] = [];
    let failures = 0;
    const send = async (socket: KeepAliveSocket, n: number, since: number): Promise<void> => {
      const answer = await socket.post(bodyOf(n));
      latenciesMs.push(performance.now() - since);
      if (!isSuccess(answer, options.operation)) {
        failures++;
      }
    };
    const cpuBefore = await cpuMsOf(options.pid);
    const startedAt = performance.now();
    await (arrivals.kind === "closed"
      ? closedLoop(sockets, options.seconds, send)
      : openLoop(sockets, options.seconds, arrivals.perSecond, send));
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpuMs = (await cpuMsOf(options.pid)) - cpuBefore;
    const sorted = Float64Array.from(latenciesMs).sort();
    return { requests: sorted.length, failures, seconds, cpuMs, latenciesMs: sorted };
  } finally {
    for (const socket of sockets) {
      socket.close();
    }
  }
}

type Send = (socket: KeepAliveSocket, n: number, since: number) => Promise<void>;

async function closedLoop(
  sockets: readonly KeepAliveSocket[],
  forSeconds: number,
  send: Send,
): Promise<void> {
  const until = performance.now() + forSeconds * 1_000;
  let next = 0;
  const keepSending = async (socket: KeepAliveSocket): Promise<void> => {
    while (performance.now() < until) {
      await send(socket, next++, performance.now());
    }
  };
  await Promise.all(sockets.map(keepSending));
}

/** Latency counts from the moment a request was due, so a server that stalls is not asked less (coordinated omission). */
async function openLoop(
  sockets: readonly KeepAliveSocket[],
  forSeconds: number,
  perSecond: number,
  send: Send,
): Promise<void> {
  const requests = Math.ceil(forSeconds * perSecond);
  const free = [...sockets];
  const startedAt = performance.now();
  const underWay: Promise<void>[] = [];
  let next = 0;
  const dueAt = (n: number): number => startedAt + (n * 1_000) / perSecond;
  const dispatch = (): void => {
    while (next < requests && dueAt(next) <= performance.now()) {
      const socket = free.shift(); // in turn: one that idles for long is closed by the server
      if (socket === undefined) {
        return;
      }
      const n = next++;
      underWay.push(
        send(socket, n, dueAt(n)).then(() => {
          free.push(socket);
          dispatch();
        }),
      );
    }
  };
  while (next < requests) {
    dispatch();
    await sleep(1);
  }
  await Promise.all(underWay);
}

async function bodies(
  { operation, seconds }: LoadOptions,
  sockets: readonly KeepAliveSocket[],
): Promise<(n: number) => string> {
  const id = randomBytes(6).toString("hex");
  const runId = `${id.slice(0, 8)}-${id.slice(8)}`;
  if (operation === "rules") {
    return () => RULES_BODY;
  }
  if (operation !== "read") {
    return (n) => mutationBody(runId, n, operation === "mutateWithKey");
  }
  const ids: string[] = [];
  for (let n = 0; n < Math.min(seconds * READ_UPDATES_PER_SECOND, READ_UPDATES); n++) {
    const socket = sockets[n % sockets.length] as KeepAliveSocket;
    const { body } = await socket.post(mutationBody(runId, n, false));
    ids.push(/"id":"([^"]+)"/.exec(body)?.[1] ?? "");
  }
  const read = ids.map(readBody);
  return (n) => read[n % read.length] ?? "";
}

function isSuccess({ status, body }: Answer, operation: OperationName): boolean {
  return status === 200 && body.includes(SUCCESS[operation]);
}
