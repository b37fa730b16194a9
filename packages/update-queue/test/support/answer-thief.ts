import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to Redis on which answers can get lost. */
export interface AnswerThief {
  readonly url: string;
  /** The next command that is `wanted` still reaches Redis; its answer ends the connection instead. */
  steal(): void;
  /** Resolves once an answer was lost; answers pass again from then on. */
  readonly stolen: Promise<void>;
  close(): Promise<void>;
}

/** `wanted`: default those that name an update or a bulk update. */
export async function startAnswerThief(
  redisPort: number,
  wanted = /(upd|blk)_/,
): Promise<AnswerThief> {
  const sockets = new Set<Socket>();
  let isStealing = false;
  let haveStolen = (): void => {};
  const stolen = new Promise<void>((resolve) => {
    haveStolen = resolve;
  });
  const server = createServer((client) => {
    const redis = connect(redisPort, "127.0.0.1");
    let isWanted = false;
    const end = (): void => {
      client.destroy();
      redis.destroy();
      sockets.delete(client);
    };
    sockets.add(client);
    client.on("error", end).on("close", end);
    client.on("data", (command) => {
      isWanted ||= isStealing && wanted.test(command.toString("latin1")); // it may come in pieces
      redis.write(command);
    });
    redis.on("error", end).on("close", end);
    redis.on("data", (answer) => {
      if (isWanted && isStealing) {
        isStealing = false;
        end();
        haveStolen();
      } else {
        client.write(answer);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    steal: () => {
      isStealing = true;
    },
    stolen,
    close: async () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await once(server, "close");
    },
  };
}
