import { isAsyncIterable, type Plugin, processRegularResult } from "graphql-yoga";
import { callerError } from "../errors.ts";

const JSON_TYPES = ["application/json", "application/graphql-response+json"];
const EVENTS = "text/event-stream";
const ANSWERS = [...JSON_TYPES, EVENTS, "multipart/mixed"];

/**
 * Refuses a request whose answer the caller could not take (`Accept`) before anything is done for it: Yoga looks at it
 * only when there is an answer, and then leaves it out.
 */
export const acceptableAnswers: Plugin = {
  onRequestParse: ({ request }) => {
    if (!accepts(request, ANSWERS)) {
      throw notAcceptable(`Accept must allow one of ${ANSWERS.join(", ")}`);
    }
  },
  onSubscribe: ({ args, setResultAndStopExecution }) => {
    if (!accepts(args.contextValue.request, [EVENTS])) {
      const error = notAcceptable(`Subscriptions are answered as ${EVENTS}: Accept must allow it`);
      setResultAndStopExecution({ errors: [error] });
    }
  },
  onResultProcess: ({ result, resultProcessor, setResultProcessor }) => {
    if (resultProcessor === undefined && !isAsyncIterable(result)) {
      setResultProcessor(processRegularResult, "application/json"); // the refusal itself
    }
  },
};

function notAcceptable(message: string) {
  return callerError("NOT_ACCEPTABLE", message, { http: { status: 406 } });
}

function accepts({ headers }: Request, types: readonly string[]): boolean {
  const accept = headers.get("accept");
  return (
    accept === null || accept === "*/*" || accept.split(",").some((range) => allows(range, types))
  );
}

/** Whether one range of an Accept header, as Yoga will read it, allows one of the types. */
function allows(range: string, types: readonly string[]): boolean {
  const [type = "", ...parameters] = range.replace(/\s/g, "").toLowerCase().split(";");
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && charset !== "charset=utf-8") {
    return false;
  }
  const [main] = type.split("/");
  return (
    type === "*/*" ||
    types.some((each) => each === type || (type.endsWith("/*") && each.startsWith(`${main}/`)))
  );
}
