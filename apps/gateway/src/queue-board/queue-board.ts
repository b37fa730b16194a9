import type { IncomingMessage } from "node:http";
import type { QueueBoard } from "@patchlane/update-queue";
import { isFromForeignPage, isNavigation } from "../http/foreign-page.ts";
import { at, type Route } from "../http/route.ts";
import { type SignIn, signInByToken } from "../sign-in/sign-in.ts";
import { isCookieSecure, tokenInCookie } from "./board-cookie.ts";
import type { ServeBoard } from "./board-server.ts";
import { BOARD_PATH, sendFailure } from "./send.ts";
import { type BoardSignIn, serveSignIn, serveSignOut } from "./serve-sign-in.ts";
import { sendSignInPage } from "./sign-in-page.ts";

export interface QueueBoardOptions {
  readonly board: QueueBoard;
  /** How people sign in by token; absent in development, where nobody does. */
  readonly signIn?: BoardSignIn | undefined;
  /** Told of what the board could not read. */
  readonly onError: (error: unknown) => void;
}

const BOARD = BOARD_PATH.slice(0, -1);

/** The page that shows the lane queues to administrators. The board itself is loaded when it is first asked for. */
export function queueBoardRoutes(options: QueueBoardOptions): Route[] {
  const { signIn } = options;
  const board = boardRoute(options);
  return signIn === undefined
    ? [board]
    : [
        {
          name: "queues-sign-in",
          access: "open",
          matches: at(`${BOARD_PATH}sign-in`),
          isPage: isNavigation,
          serve: serveSignIn(signIn),
        },
        {
          name: "queues-sign-out",
          access: "open",
          matches: at(`${BOARD_PATH}sign-out`),
          isPage: isNavigation,
          serve: serveSignOut(signIn),
        },
        {
          ...board,
          signIn: signInByCookie(signIn),
          serveUnsigned: async (request, response, { problem }) => {
            const { status, code, message, hasToken } = problem;
            if (wantsPage(request)) {
              sendSignInPage(response, status, hasToken ? message : undefined);
            } else {
              sendFailure(request, response, status, code, message);
            }
          },
        },
      ];
}

function boardRoute({ board, signIn, onError }: QueueBoardOptions) {
  let loading: Promise<ServeBoard> | undefined;
  const load = async (): Promise<ServeBoard> => {
    const { loadBoard } = await import("./board-server.ts");
    return loadBoard(board, { canSignOut: signIn !== undefined, onError });
  };
  return {
    name: "queues",
    access: "admin",
    matches: (path: string) => path === BOARD || path.startsWith(BOARD_PATH),
    isPage: isNavigation,
    serve: async (request, response) => {
      // A page of an origin that CORS lets in still has no business here: the cookie would come along within one site.
      if (isFromForeignPage(request, []) && !isNavigation(request)) {
        sendFailure(
          request,
          response,
          403,
          "FORBIDDEN",
          "The queues are for this gateway's own page",
        );
        return;
      }
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const serve = await loading;
      await serve(request, response);
    },
  } as const satisfies Route;
}

/** The header when there is one, as everywhere, else the cookie; no other route looks at it. */
function signInByCookie({ verify, isProduction }: BoardSignIn): SignIn {
  const byHeader = signInByToken(verify);
  return async (request) => {
    const token =
      request.headers.authorization === undefined
        ? tokenInCookie(request, isCookieSecure(request, isProduction))
        : undefined;
    return token === undefined ? byHeader(request) : verify(token);
  };
}

function wantsPage({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && /\btext\/html\b/.test(headers.accept ?? "");
}
