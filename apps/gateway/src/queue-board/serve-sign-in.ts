import type { IncomingMessage, ServerResponse } from "node:http";
import { isFromForeignPage } from "../http/foreign-page.ts";
import type { OpenHandler } from "../http/route.ts";
import { letSend } from "../refuse-body.ts";
import { hasRole } from "../sign-in/caller.ts";
import { SignInProblem } from "../sign-in/sign-in-problem.ts";
import type { VerifyToken } from "../sign-in/token-verifier.ts";
import { isCookieSecure, keepToken, LONGEST_COOKIE_TOKEN } from "./board-cookie.ts";
import { readForm } from "./read-form.ts";
import { BOARD_PATH } from "./send.ts";
import { sendSignInPage, sendSignOutPage } from "./sign-in-page.ts";

export interface BoardSignIn {
  readonly verify: VerifyToken;
  readonly isProduction: boolean;
  /** Unix ms. */
  readonly now: () => number;
}

/** Takes the token a person pastes, and keeps it in a cookie until it expires. */
export function serveSignIn(options: BoardSignIn): OpenHandler {
  return async (request, response) => {
    if (request.method !== "POST") {
      sendSignInPage(response, 200, undefined);
      return;
    }
    if (!isOwnForm(request, response)) {
      return;
    }
    letSend(request, response);
    const form = await readForm(request);
    if (form === undefined) {
      response.setHeader("connection", "close"); // the rest of it is not read
      sendSignInPage(response, 400, "That was no form with a token in it");
      return;
    }
    // People paste line breaks and the header's first word along.
    const token = (form.get("token") ?? "").replace(/^\s*Bearer\s/i, "").replace(/\s+/g, "");
    await keep(token, options, request, response);
  };
}

async function keep(
  token: string,
  { verify, isProduction, now }: BoardSignIn,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (token === "") {
      throw new SignInProblem(401, "A token is required", { hasToken: false });
    }
    const caller = await verify(token);
    if (!hasRole(caller, "admin")) {
      throw new SignInProblem(403, "The token is good, but does not give the administrator's role");
    }
    if (token.length > LONGEST_COOKIE_TOKEN || !/^[\w.~+/=-]+$/.test(token)) {
      sendSignInPage(response, 400, "The token is too long for a browser to keep");
      return;
    }
    const seconds = Math.max(0, Math.floor(((caller.expiresAt ?? 0) - now()) / 1_000));
    const isSecure = isCookieSecure(request, isProduction);
    response.setHeader("set-cookie", keepToken(token, seconds, isSecure));
    goTo(response);
  } catch (error) {
    if (!(error instanceof SignInProblem)) {
      throw error;
    }
    sendSignInPage(response, error.status, error.message);
  }
}

/** Has the browser forget the token. */
export function serveSignOut({ isProduction }: Pick<BoardSignIn, "isProduction">): OpenHandler {
  return async (request, response) => {
    if (request.method !== "POST") {
      sendSignOutPage(response);
      return;
    }
    if (!isOwnForm(request, response)) {
      return;
    }
    request.resume();
    response.setHeader("set-cookie", keepToken("", 0, isCookieSecure(request, isProduction)));
    goTo(response);
  };
}

/** Signing in and out is for this gateway's own pages, also where CORS lets others in. */
function isOwnForm(request: IncomingMessage, response: ServerResponse): boolean {
  if (!isFromForeignPage(request, [])) {
    return true;
  }
  response.setHeader("connection", "close");
  sendSignInPage(response, 403, "That form was not this gateway's");
  return false;
}

function goTo(response: ServerResponse): void {
  response.writeHead(303, { location: BOARD_PATH, "cache-control": "no-store" });
  response.end();
}
