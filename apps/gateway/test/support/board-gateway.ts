import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { QueueBoard } from "@patchlane/update-queue";
import { onTestFinished } from "vitest";
import { queueBoardRoutes } from "../../src/queue-board/queue-board.ts";
import { type Caller, hasRole } from "../../src/sign-in/caller.ts";
import { SignInProblem } from "../../src/sign-in/sign-in-problem.ts";

/** Tokens as they come: a word for who it is. */
export const TOKENS: Readonly<Record<string, Caller>> = {
  "token.of.admin": { subject: "ada", role: "admin", expiresAt: Date.now() + 3_600_000 },
  "token.of.user": { subject: "uma", role: "user", expiresAt: Date.now() + 3_600_000 },
};

/** The routes of the board behind nothing but sign-in and roles; answers the origin. */
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
  const server = createServer(async (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const route = routes.find(({ matches }) => matches(path, request));
    const requestId = "request-1";
    if (route === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (route.access === "open") {
      await route.serve(request, response, { requestId });
      return;
    }
    try {
      const developer: Caller = { subject: "dev", role: "admin" };
      const caller = (await route.signIn?.(request)) ?? developer;
      if (!hasRole(caller, route.access)) {
        throw new SignInProblem(403, "Not with this role");
      }
      await route.serve(request, response, { caller, requestId });
    } catch (error) {
      const problem = error as SignInProblem;
      await route.serveUnsigned?.(request, response, { requestId, problem });
    }
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
