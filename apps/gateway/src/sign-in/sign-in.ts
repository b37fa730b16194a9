import type { IncomingMessage } from "node:http";
import type { Caller } from "./caller.ts";
import { SignInProblem } from "./sign-in-problem.ts";
import type { VerifyToken } from "./token-verifier.ts";

/** Answers who sent a request. Throws {@link SignInProblem}. */
export type SignIn = (request: Pick<IncomingMessage, "headers">) => Promise<Caller>;

/** No token needed: whoever reaches the gateway is the developer in front of it. */
export function signInAsDeveloper(): SignIn {
  const developer: Caller = { subject: "dev", role: "admin" };
  return async () => developer;
}

/** By `Authorization: Bearer` (RFC 6750); tokens in queries or bodies are not looked at, they end up in logs. */
export function signInByToken(verify: VerifyToken): SignIn {
  return async ({ headers }) => verify(bearerOf(headers.authorization));
}

function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization === "") {
    throw new SignInProblem(401, "A bearer token is required", { hasToken: false });
  }
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization) ?? [];
  if (token === undefined) {
    throw new SignInProblem(401, "The Authorization header must be: Bearer, and a token");
  }
  return token;
}
