import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One call a receiver got. */
export interface ReceivedCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody who is called back, on a socket of this machine. */
export interface Receiver {
  readonly port: number;
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  /** Resolves with the `nth` call (1-based). */
  call(nth: number): Promise<ReceivedCall>;
  close(): Promise<void>;
}

/** What it answers: a status, with headers; `hang`: never; `cut`: the connection ends. */
export type ReceiverAnswer =
  | number
  | "hang"
  | "cut"
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** Answers every call with the next of `answers`, the last one for ever. */
export async function startReceiver(...answers: ReceiverAnswer[]): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  const waiting = new Map<number, (call: ReceivedCall) => void>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) {
      body += chunk;
    }
    const { method = "", url = "", headers } = request;
    const answer = answers[Math.min(calls.length, answers.length - 1)] ?? 204;
    const call = { method, url, headers, body };
    calls.push(call);
    waiting.get(calls.length)?.(call);
    if (answer === "cut") {
      response.destroy();
    } else if (typeof answer === "number") {
      response.writeHead(answer).end();
    } else if (answer !== "hang") {
      response.writeHead(answer.status, answer.headers).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/hook?token=s3cret`,
    calls,
    call: (nth) =>
      new Promise((resolve) => {
        const call = calls[nth - 1];
        if (call === undefined) {
          waiting.set(nth, resolve);
        } else {
          resolve(call);
        }
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
