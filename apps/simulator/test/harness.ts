import { randomUUID } from "node:crypto";
import { afterEach } from "vitest";
import {
  EXAMPLE_REFERRAL_ID,
  type Json,
  type JsonObject,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../src/index.ts";

/** An answer as a test looks at it. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // The tests read deep into documents whose shape they know.
  readonly body: JsonObject;
}

/** What a test may say about a call. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** JSON unless it is text. */
  readonly body?: Json;
  readonly signal?: AbortSignal;
}

const running = new Set<Simulator>();

afterEach(async () => {
  await Promise.all([...running].map((simulator) => simulator.close()));
  running.clear();
});

/** A simulator without limits and with few referrals, closed after the test. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ limiter: "none", referrals: 20, ...options });
  running.add(simulator);
  return simulator;
}

/** One call to the API with good headers, unless the test says otherwise. */
export async function call(
  simulator: Simulator,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply> {
  const headers = new Headers({
    authorization: "Bearer simulator-token",
    "client-request-id": randomUUID(),
    "content-type": "application/json",
  });
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  const { body } = options;
  const url = path.startsWith("http") ? path : `${simulator.url}${path}`;
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

/** PATCHes the example referral. */
export function patch(
  simulator: Simulator,
  operations: Json,
  headers: CallOptions["headers"] = { prefer: "return=representation" },
): Promise<Reply> {
  return call(simulator, "PATCH", REFERRAL, { headers, body: operations });
}

/** Path of the example referral. */
export const REFERRAL = `/engagements/referrals/${EXAMPLE_REFERRAL_ID}`;
export const LIST = "/engagements/referrals";

/** The value at a path like `details/notes`; fails the test with a type error when it is absent. */
export function at(document: Json | undefined, path: string): Json | undefined {
  let value = document;
  for (const name of path.split("/")) {
    value = Array.isArray(value) ? value[Number(name)] : (value as JsonObject | undefined)?.[name];
  }
  return value;
}

/** The referral as the simulator holds it. */
export function truth(simulator: Simulator, id: string = EXAMPLE_REFERRAL_ID): JsonObject {
  const document = simulator.control.referral(id);
  if (document === undefined) throw new Error(`no referral ${id}`);
  return document;
}

function parse(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}
