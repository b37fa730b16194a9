import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { UIConfig } from "@bull-board/api/dist/types.js";
import type { QueueBoard } from "@patchlane/update-queue";
import { type BoardFiles, findBoardFiles } from "./board-files.ts";
import { BOARD_POLICY, boardPage } from "./board-page.ts";
import { boardRoutes } from "./board-routes.ts";
import { BOARD_PATH, sendFailure } from "./send.ts";

/** Seconds between two looks of an open page. */
const LOOK_EVERY_S = 10;
/** Seconds a browser keeps a file; those whose name has its hash never change. */
const KEEP_HASHED_S = 31_536_000;
const KEEP_OTHERS_S = 3_600;
/** Paths the page's own navigation makes. */
const PAGES = /^(job-schedulers|metrics-history|queue\/[^/]+(\/[^/]+)?)?$/;
const HASHED = /\.[0-9a-f]{8,}\.(js|css)$/;

/** Answers a request for the board from somebody who may see it. */
export type ServeBoard = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Loads the board. Rejects when its files are not there. */
export async function loadBoard(
  board: QueueBoard,
  options: { readonly canSignOut: boolean; readonly onError: (error: unknown) => void },
): Promise<ServeBoard> {
  const uiConfig = configOf(options.canSignOut);
  const files = await findBoardFiles();
  const routes = boardRoutes(board, uiConfig, files.uiPath);
  const page = boardPage(files, uiConfig, BOARD_PATH);
  return async (request, response) => {
    const { method = "GET", url = "/" } = request;
    const [pathname = "", query = ""] = url.split(/\?(.*)/s, 2); // as it is: no dots resolved, nothing decoded
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendFailure(request, response, 405, "METHOD_NOT_ALLOWED", "The queues can only be looked at");
      return;
    }
    const path = pathname.slice(BOARD_PATH.length);
    if (path.startsWith("static/")) {
      await sendFile(files, path, request, response);
      return;
    }
    if (PAGES.test(path)) {
      response.setHeader("content-security-policy", BOARD_POLICY);
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
      });
      response.end(page);
      return;
    }
    const call = routes.call(`/${path}`, new URLSearchParams(query));
    if (call === undefined) {
      sendFailure(request, response, 404, "NOT_FOUND", "There is nothing here");
      return;
    }
    try {
      const { status, body } = await call;
      response.writeHead(status, {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
      });
      response.end(JSON.stringify(body));
    } catch (error) {
      if (error instanceof URIError) {
        // The board decodes some of what it is asked once more.
        sendFailure(request, response, 400, "BAD_REQUEST", "The query cannot be read");
        return;
      }
      options.onError(error);
      sendFailure(
        request,
        response,
        503,
        "SERVICE_UNAVAILABLE",
        "The queues cannot be read at the moment",
      );
    }
  };
}

function configOf(canSignOut: boolean): UIConfig {
  return {
    boardTitle: "Patchlane queues",
    hideDocsLink: true,
    hideRedisDetails: true,
    showMetrics: false,
    showWorkers: false,
    pollingInterval: { showSetting: false, forceInterval: LOOK_EVERY_S },
    ...(canSignOut ? { miscLinks: [{ text: "Sign out", url: `${BOARD_PATH}sign-out` }] } : {}),
  };
}

async function sendFile(
  { files }: BoardFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = files.get(path);
  if (file === undefined) {
    sendFailure(request, response, 404, "NOT_FOUND", "There is nothing here");
    return;
  }
  const seconds = HASHED.test(path) ? KEEP_HASHED_S : KEEP_OTHERS_S;
  response.writeHead(200, {
    "content-type": file.type,
    "cache-control": `private, max-age=${seconds}`,
  });
  response.end(await readFile(file.path));
}
