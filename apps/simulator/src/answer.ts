/** What the simulator decided to say to one request, before any fault is laid over it. */
export interface Answer {
  readonly status: number;
  /** JSON text; absent means an empty body. */
  readonly body?: string;
  /** The resource's ETag, quotes included. */
  readonly etag?: string;
  /** Further headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The documented error codes by status ("Partner API REST error codes"); the rest are plausible. */
const CODE_BY_STATUS: Readonly<Record<number, string>> = {
  400: "invalidRequest",
  401: "unauthenticated",
  403: "accessDenied",
  404: "itemNotFound",
  405: "invalidRequest",
  406: "invalidRequest",
  409: "conflict",
  410: "itemNotFound",
  411: "invalidRequest",
  412: "preconditionFailed",
  413: "invalidRequest",
  415: "invalidRequest",
  416: "invalidRequest",
  422: "invalidRequest",
  423: "locked",
  429: "tooManyRequests",
  500: "generalException",
  501: "generalException",
  503: "serviceNotAvailable",
  504: "serviceNotAvailable",
  507: "generalException",
  509: "tooManyRequests",
};

const MESSAGE_LIMIT = 1024;

/** An error answer with the documented body `{ error: { code, message, target?, innerError? } }`. */
export function refuse(
  status: number,
  message: string,
  more: {
    readonly target?: string;
    readonly code?: string;
    readonly innerCode?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Answer {
  const error: Record<string, unknown> = {
    code: more.code ?? CODE_BY_STATUS[status] ?? "generalException",
    message: message.slice(0, MESSAGE_LIMIT),
  };
  if (more.target !== undefined) error.target = more.target;
  if (more.innerCode !== undefined) {
    error.innerError = { code: more.innerCode, message: message.slice(0, MESSAGE_LIMIT) };
  }
  return {
    status,
    body: JSON.stringify({ error }),
    ...(more.headers ? { headers: more.headers } : {}),
  };
}
