import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { BeginResult, BulkIntake, NewBulkRow, NewBulkUpdate } from "@patchlane/update-queue";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import type { UploadLimits } from "../../src/bulk/serve-uploads.ts";
import { gatewayRoutes } from "../../src/gateway-routes.ts";
import type { GraphqlServer } from "../../src/graphql-server.ts";
import { createGatewayServer } from "../../src/http-server.ts";
import type { Services } from "../../src/services.ts";
import { TESTER } from "./stack.ts";

/** An intake that keeps what it is given; a test may put something in its way. */
export class KeptIntake implements BulkIntake {
  readonly bulkUpdateId = "blk_0123456789abcdef0123456789abcdef";
  readonly rows: NewBulkRow[] = [];
  readonly log: string[] = [];
  about: NewBulkUpdate | undefined;
  digest = "";
  columns: readonly string[] = [];
  /** Waited for before a batch is taken; rejects when it is not. */
  onAdd: () => Promise<void> = async () => {};
  onBegin: () => Promise<BeginResult> = async () => ({ kind: "open", intake: this });

  async add(rows: readonly NewBulkRow[]): Promise<void> {
    await this.onAdd();
    this.rows.push(...rows);
  }

  async commit(end: { inputDigest: string; columns: readonly string[] }): Promise<void> {
    this.digest = end.inputDigest;
    this.columns = end.columns;
    this.log.push("commit");
  }

  async discard(): Promise<void> {
    this.log.push("discard");
  }
}

/** A gateway's HTTP surface that takes uploads into `intake`; answers its origin. */
export async function listenForUploads(
  intake: KeptIntake,
  limits: Partial<UploadLimits> = {},
): Promise<string> {
  const begin = async (about: NewBulkUpdate): Promise<BeginResult> => {
    intake.about = about;
    return intake.onBegin();
  };
  const services = {
    queue: { bulk: { begin } },
    log: pino({ level: "silent" }),
    checkCallbackUrl: (url: string) => (url.startsWith("https:") ? undefined : "Expected https"),
  } as unknown as Services;
  const server = createGatewayServer({
    routes: gatewayRoutes({
      services,
      graphql: (() => {}) as unknown as GraphqlServer,
      hasGraphiql: false,
      readiness: async () => ({ status: "ready" }) as never,
      uploads: { maxBytes: 1_000_000, maxRows: 1_000, ...limits },
    }),
    signIn: async () => TESTER,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A connection of its own to the server, closed after the test. */
export async function connectTo(origin: string): Promise<Socket> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** The head of an upload as bytes on the wire; a chunked body follows. */
export function uploadHead(query = "", more: readonly string[] = []): string {
  const lines = [
    `POST /bulk-updates${query} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Content-Type: application/x-ndjson",
    "Transfer-Encoding: chunked",
    ...more,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** One chunk of a chunked body. */
export function chunk(content: string): string {
  return `${Buffer.byteLength(content).toString(16)}\r\n${content}\r\n`;
}

export const LAST_CHUNK = "0\r\n\r\n";

/** Everything that comes back until the connection ends. */
export const answerOf = (socket: Socket): Promise<string> => text(socket);

/** A row as NDJSON. */
export function line(row: number): string {
  return `${JSON.stringify({ referralId: `r-${row}`, changes: { name: `${row}` } })}\n`;
}
