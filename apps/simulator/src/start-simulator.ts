import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createControl, type SimulatorControl } from "./control.ts";
import { handleApi } from "./handle-api.ts";
import { CONTROL_PATH, handleControl } from "./handle-control.ts";
import { handleToken, isTokenPath } from "./handle-token.ts";
import { resolveOptions, type SimulatorOptions } from "./options.ts";
import { createWorld } from "./world.ts";

/** Longer than clients keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 65_000;

/** A simulator that is listening. */
export interface Simulator {
  /** Base URL of the API, base path included, no trailing slash. */
  readonly url: string;
  readonly controlUrl: string;
  /** Token endpoint; `{tenant}` stands for any tenant. */
  readonly tokenUrl: string;
  /** The control side, without HTTP. */
  readonly control: SimulatorControl;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

/** Starts an emulator of the referrals API. Rejects when the port is taken or an option is wrong. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options);
  const world = createWorld(resolved);
  const control = createControl(world);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const url = request.url ?? "";
    if (url === CONTROL_PATH || url.startsWith(`${CONTROL_PATH}/`)) {
      void handleControl(world, control, request, response);
      return;
    }
    const mark = url.indexOf("?");
    const path = mark === -1 ? url : url.slice(0, mark);
    if (isTokenPath(path)) void handleToken(world, path, request, response);
    else void handleApi(world, request, response);
  });
  server.listen(resolved.port, resolved.host);
  await once(server, "listening");

  const { port } = server.address() as AddressInfo;
  const origin = `http://${urlHost(resolved.host)}:${port}`;
  return {
    url: `${origin}${resolved.basePath}`,
    controlUrl: `${origin}${CONTROL_PATH}`,
    tokenUrl: `${origin}/{tenant}/oauth2/v2.0/token`,
    control,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
