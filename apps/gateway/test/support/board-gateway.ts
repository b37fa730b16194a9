import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { QueueBoard } from "@patchlane/update-queue";
import { onTestFinished } from "vitest";
import { createGatewayServer } from "../../src/http-server.ts";
import { queueBoardRoutes } from "../../src/queue-board/queue-board.ts";
import type { Caller } from "../../src/sign-in/caller.ts";
import { signInByToken } from "../../src/sign-in/sign-in.ts";
import { SignInProblem } from "../../src/sign-in/sign-in-problem.ts";

/** Tokens as they come: a word for who it is. */
export const TOKENS: Readonly<Record<string, Caller>> = {
  "token.of.admin": { subject: "ada", role: "admin", expiresAt: Date.now() + 3_600_000 },
  "token.of.user": { subject: "uma", role: "user", expiresAt: Date.now() + 3_600_000 },
};

/** An origin CORS lets in: its pages may call the gateway, and have no business with the board. */
export const LET_IN = "https://app.example";

/** The board's routes as the gateway serves them. */
export async function boardGateway(
  board: QueueBoard,
  options: { readonly hasSignIn: boolean; readonly isProduction?: boolean },
): Promise<{ origin: string; failures: unknown[] }> {
  const failures: unknown[] = [];
  const verify = async (token: string): Promise<Caller> => {
    const caller = TOKENS[token];
    if (caller === undefined) {
      throw new SignInProblem(401, "The token is not valid");
    }
    return caller;
  };
  const { hasSignIn, isProduction = false } = options;
  const routes = queueBoardRoutes({
    board,
    signIn: hasSignIn ? { verify, isProduction, now: Date.now } : undefined,
    onError: (error) => void failures.push(error),
  });
  const developer: Caller = { subject: "dev", role: "admin" };
  const server = createGatewayServer({
    routes,
    signIn: hasSignIn ? signInByToken(verify) : async () => developer,
    isProduction,
    corsOrigins: [LET_IN],
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, failures };
}
