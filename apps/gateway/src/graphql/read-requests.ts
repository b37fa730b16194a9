import type { Plugin } from "graphql-yoga";
import { isNestedDeeper } from "../limits/json-nesting.ts";
import { overLimit, refused } from "../limits/limit-error.ts";
import { LIMITS } from "../limits/limits.ts";

type Params = { query?: string; operationName?: string; variables?: object; extensions?: object };

/*
 * In place of Yoga's own readers, which answer a GET whose `variables` are no JSON with 500, know JSON's media type in lower case
 * only, and know forms, which any web page could send. What the members of a request must be is still Yoga's to check.
 */
export const readRequests: Plugin = {
  onRequestParse: ({ request, setRequestParser }) => {
    if (request.method === "GET") {
      setRequestParser(readUrl);
    } else if (request.method === "POST") {
      setRequestParser(readBody);
    }
  },
};

function readUrl({ url }: Request): Params {
  const begin = url.indexOf("?");
  const search = new URLSearchParams(begin < 0 ? "" : url.slice(begin + 1));
  const text = (name: string): string | undefined => search.get(name) || undefined;
  const json = (name: string): object | undefined => {
    const value = text(name);
    return value === undefined ? undefined : parsed(value, `The parameter ${name} is not JSON`);
  };
  return withoutAbsent({
    query: text("query"),
    operationName: text("operationName"),
    variables: json("variables"),
    extensions: json("extensions"),
    documentId: text("documentId"),
  });
}

async function readBody(request: Request): Promise<Params> {
  const text = await request.text().catch(() => {
    throw refused("BAD_REQUEST", "The request body did not arrive"); // nobody is there to read this
  });
  const body = parsed(text, "The request body is not JSON");
  if (typeof body !== "object" || body === null) {
    throw refused("BAD_REQUEST", "The request body must be a JSON object");
  }
  if (Array.isArray(body)) {
    throw refused("BAD_REQUEST", "The request body must be one request: batches are not served");
  }
  const { operationName } = body as { readonly operationName?: unknown };
  if (operationName != null && typeof operationName !== "string") {
    throw refused("BAD_REQUEST", "operationName must be a string"); // the one member Yoga takes as it is
  }
  return body;
}

/** Levels a request has around its variables. */
const ENVELOPE_LEVELS = 2;

function parsed(text: string, problem: string): object {
  if (isNestedDeeper(text, LIMITS.variableDepth + ENVELOPE_LEVELS)) {
    throw overLimit("variableDepth", "more");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw refused("BAD_REQUEST", problem);
  }
}

function withoutAbsent(params: Readonly<Record<string, unknown>>): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}
