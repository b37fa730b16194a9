import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = "\r\n\r\n";
/** A chunked body's last chunk, without trailers. */
const LAST_CHUNK = "\r\n0\r\n\r\n";

/**
 * One HTTP/1.1 connection with one request under way at a time. Not a general client: it knows what the servers measured here
 * answer, and costs a fraction of `node:http`'s, so that the load does not take the processor the servers are measured on.
 */
export class KeepAliveSocket {
  readonly #socket: Socket;
  readonly #head: string;
  #received = "";
  #waiting: PromiseWithResolvers<Answer> | undefined;

  private constructor(socket: Socket, { host, pathname }: URL) {
    this.#socket = socket;
    this.#head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      "content-type: application/json",
      "accept: application/json",
      "content-length: ",
    ].join("\r\n");
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (text: string) => this.#hear(text));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("the server closed the connection")));
  }

  static async open(url: URL): Promise<KeepAliveSocket> {
    const socket = connect({ host: url.hostname, port: Number(url.port) });
    await once(socket, "connect");
    return new KeepAliveSocket(socket, url);
  }

  /** Rejects when the connection breaks. `body` is ASCII. */
  post(body: string): Promise<Answer> {
    if (this.#socket.destroyed) {
      return Promise.reject(new Error("the server has closed the connection"));
    }
    this.#waiting = Promise.withResolvers<Answer>();
    this.#socket.write(`${this.#head}${body.length}${HEAD_END}${body}`, "latin1");
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) {
      return;
    }
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const body = this.#received.slice(headEnd + HEAD_END.length);
    const isWhole =
      length === undefined ? this.#received.endsWith(LAST_CHUNK) : body.length >= Number(length);
    if (isWhole) {
      this.#received = "";
      this.#waiting?.resolve({ status: Number(head.slice(9, 12)), body });
    }
  }
}
