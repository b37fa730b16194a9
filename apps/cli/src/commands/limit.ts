import { Option } from "commander";
import { wholeNumber } from "./option-values.ts";

const MOST_LISTED = 1000;
const USUALLY_LISTED = 20;
/** What the gateway answers at once. */
const PAGE = 100;

/** `--limit` of what lists something. */
export function limitOption(): Option {
  return new Option("-n, --limit <count>", `how many, 1 to ${MOST_LISTED}`)
    .argParser(wholeNumber(1, MOST_LISTED))
    .default(USUALLY_LISTED);
}

/** The first so many of a list; no further page is asked for. */
export async function upTo<Node>(
  limit: number,
  list: (pageSize: number) => AsyncIterable<Node>,
): Promise<Node[]> {
  const found: Node[] = [];
  for await (const node of list(Math.min(PAGE, limit))) {
    found.push(node);
    if (found.length >= limit) {
      break;
    }
  }
  return found;
}
