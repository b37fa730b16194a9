import { createConnection } from "node:net";

/** A reply: numbers stay text, because nothing here calculates with them. */
export type RespReply = string | null | RespReply[];

/** Thrown when the server answers with an error (`-LOADING …`, `-ERR …`); the message is its text. */
export class RespError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RespError";
  }
}

/**
 * Sends one command over its own connection to 127.0.0.1 and resolves with the reply. Rejects with
 * `RespError` on an error reply, and with a plain error when the connection fails, ends early, or
 * `timeoutMs` passes.
 */
export function redisCommand(
  port: number,
  args: readonly string[],
  timeoutMs: number,
): Promise<RespReply> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = createConnection({ host: "127.0.0.1", port });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const timer = setTimeout(
      () => fail(new Error(`no reply from 127.0.0.1:${port} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    socket.on("error", fail);
    socket.on("close", () => fail(new Error(`127.0.0.1:${port} closed the connection`)));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const parsed = parseReply(received, 0);
        if (parsed !== undefined) finish(() => resolve(parsed.reply));
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.write(encodeCommand(args));
  });
}

function encodeCommand(args: readonly string[]): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

interface Parsed {
  reply: RespReply;
  end: number;
}

/** RESP2; `undefined` while the reply is still incomplete. */
function parseReply(bytes: Buffer, start: number): Parsed | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd === -1) return undefined;
  const kind = String.fromCharCode(bytes[start] ?? 0);
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const bodyStart = lineEnd + 2;
  if (kind === "+" || kind === ":") return { reply: line, end: bodyStart };
  if (kind === "-") throw new RespError(line);
  const size = Number(line);
  if (!Number.isInteger(size)) throw new Error("the answer is not the Redis protocol");
  if (kind === "$") {
    if (size < 0) return { reply: null, end: bodyStart };
    const end = bodyStart + size;
    if (bytes.length < end + 2) return undefined;
    return { reply: bytes.toString("utf8", bodyStart, end), end: end + 2 };
  }
  if (kind === "*") return parseArray(bytes, bodyStart, size);
  throw new Error("the answer is not the Redis protocol");
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: RespReply[] = [];
  let end = start;
  while (items.length < length) {
    const item = parseReply(bytes, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
