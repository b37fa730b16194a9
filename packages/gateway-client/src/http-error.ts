import { denialOf, type GatewayError, GatewayHttpError } from "./errors.ts";

/** The longest text of a failure that is looked at (characters): what is longer is no message. */
const MOST_TEXT = 65_536;

/** Members of `error` that say where in what was sent the trouble is. */
const PLACES = ["line", "column", "row", "offset"];

/** What an answer that is no success says about itself, as far as the body is the gateway's: `{"error":{code,message}}`, or GraphQL's. */
export async function httpErrorOf(response: Response, url: string): Promise<GatewayError> {
  const failure = await httpFailureOf(response, url);
  const { code, status, message, retryAfterMs } = failure;
  return denialOf(code, status, message, { url, retryAfterMs }) ?? failure;
}

/** The same with everything it says, whatever its status. */
export async function httpFailureOf(response: Response, url: string): Promise<GatewayHttpError> {
  const text = (await response.text().catch(() => "")).slice(0, MOST_TEXT);
  const error = errorIn(text);
  const { code, message } = error;
  const place = Object.entries(error).filter(
    (entry): entry is [string, number] => PLACES.includes(entry[0]) && typeof entry[1] === "number",
  );
  return new GatewayHttpError(typeof message === "string" ? message : described(response, url), {
    url,
    status: response.status,
    code: typeof code === "string" ? code : undefined,
    retryAfterMs: retryAfterMsOf(response),
    place: Object.fromEntries(place),
  });
}

/** `Retry-After` in ms: seconds, or until a date (RFC 9110). */
export function retryAfterMsOf({ headers }: Response): number | undefined {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) {
    return Number(text) * 1_000;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function errorIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const body = JSON.parse(text) as {
      error?: Readonly<Record<string, unknown>>;
      errors?: readonly { message?: unknown; extensions?: { code?: unknown } }[];
    } | null;
    // Refused as GraphQL, where an event stream was asked for.
    const [first] = Array.isArray(body?.errors) ? body.errors : [];
    const error = body?.error ?? { message: first?.message, code: first?.extensions?.code };
    return typeof error === "object" && error !== null ? error : {};
  } catch {
    return {};
  }
}

function described({ status, headers }: Response, url: string): string {
  return status >= 300 && status < 400
    ? `${url} answered with a redirect to ${headers.get("location") ?? "nowhere"}`
    : `${url} answered with HTTP status ${status}`;
}
