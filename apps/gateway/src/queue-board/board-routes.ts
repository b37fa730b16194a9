import { createBullBoard } from "@bull-board/api";
import type {
  AppControllerRoute,
  BullBoardQueues,
  ControllerHandlerReturnType,
  IServerAdapter,
  UIConfig,
} from "@bull-board/api/dist/types.js";
import type { QueueBoard } from "@patchlane/update-queue";
import { ReadOnlyQueue } from "./read-only-queue.ts";

/** What the board answers to one call of its page. */
export interface BoardAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The part of the board that is served. */
export interface BoardRoutes {
  /** Undefined when it has no such call, or the call would change something. */
  call(path: string, query: URLSearchParams): Promise<BoardAnswer> | undefined;
}

/** The calls that are let through; everything else of the board's API is refused, whatever later versions add. */
const SERVED: readonly string[] = [
  "/api/queues",
  "/api/job-schedulers",
  "/api/queues/:queueName/default-job-options",
  "/api/queues/:queueName/job-data-schema",
  "/api/queues/:queueName/metrics",
  "/api/queues/:queueName/rate-limit",
  "/api/queues/:queueName/:jobId",
  "/api/queues/:queueName/:jobId/logs",
];

interface Served {
  readonly pattern: RegExp;
  readonly handler: AppControllerRoute["handler"];
}

/** Lane jobs have no parents; the board's own answer to this needs more of a queue than may be looked at. */
const FLOW: Served = {
  pattern: patternOf("/api/queues/:queueName/:jobId/flow"),
  handler: (request) => ({
    body: { nodeId: request?.params.jobId, flowRoot: null, isFlowNode: false },
  }),
};

/** The board over these queues. `uiPath` is where its page's files are; nothing is read from there here. */
export function boardRoutes(board: QueueBoard, uiConfig: UIConfig, uiPath: string): BoardRoutes {
  let queues: BullBoardQueues = new Map();
  let served: readonly Served[] = [];
  const adapter: IServerAdapter = {
    setQueues: (given) => {
      queues = given;
      return adapter;
    },
    setApiRoutes: (routes) => {
      served = [
        ...routes.filter(isServed).map(({ route, handler }) => ({
          pattern: patternOf(String(route)),
          handler,
        })),
        FLOW,
      ];
      return adapter;
    },
    setViewsPath: () => adapter,
    setStaticPath: () => adapter,
    setEntryRoute: () => adapter,
    setErrorHandler: () => adapter,
    setUIConfig: () => adapter,
  };
  createBullBoard({
    queues: board.queues.map((queue) => new ReadOnlyQueue(queue)),
    serverAdapter: adapter,
    options: { uiConfig, uiBasePath: uiPath },
  });
  return {
    call: (path, query) => {
      for (const { pattern, handler } of served) {
        const found = pattern.exec(path);
        if (found !== null) {
          const params = { ...found.groups };
          const request = { queues, uiConfig, params, query: Object.fromEntries(query) };
          return answer(handler({ ...request, body: {}, headers: {} }));
        }
      }
      return undefined;
    },
  };
}

function isServed({ method, route }: AppControllerRoute): boolean {
  return method === "get" && typeof route === "string" && SERVED.includes(route);
}

async function answer(
  given: ControllerHandlerReturnType | Promise<ControllerHandlerReturnType>,
): Promise<BoardAnswer> {
  const { status = 200, body } = await given;
  return { status, body };
}

/** `/api/queues/:queueName` as a pattern with a group of that name. */
function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
}
