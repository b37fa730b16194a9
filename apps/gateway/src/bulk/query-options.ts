import type { Services } from "../services.ts";
import { type BulkOptions, checkOptions, type GivenOptions } from "./bulk-options.ts";
import { nearest } from "./nearest.ts";
import { UploadProblem } from "./upload-problem.ts";

const NAMES = ["label", "dryRun", "skipUnchanged", "idempotencyKey", "callbackUrl"] as const;
type Name = (typeof NAMES)[number];

/**
 * Reads the options of an upload from its query. Throws {@link UploadProblem} for a name that is not known or given twice: a
 * misspelt `dryRun` must not become a real run.
 */
export function queryOptions(
  query: URLSearchParams,
  services: Pick<Services, "checkCallbackUrl">,
): BulkOptions {
  const given: Partial<Record<Name, string>> = {};
  for (const [name, value] of query) {
    if (!isName(name)) {
      const meant = nearest(name, NAMES);
      const hint = meant === undefined ? `one of ${NAMES.join(", ")}` : meant;
      throw refusal(`${JSON.stringify(name.slice(0, 64))} is not an option; expected ${hint}`);
    }
    if (given[name] !== undefined) {
      throw refusal(`${name} is given twice`);
    }
    given[name] = value;
  }
  const { label, idempotencyKey, callbackUrl } = given;
  const options: GivenOptions = {
    label,
    idempotencyKey,
    callbackUrl,
    dryRun: flag("dryRun", given.dryRun),
    skipUnchanged: flag("skipUnchanged", given.skipUnchanged),
  };
  const checked = checkOptions(options, services);
  if (!checked.ok) {
    const lines = checked.issues.map(({ path, message }) => `${path.slice(1)}: ${message}`);
    throw refusal(lines.join("; "));
  }
  return checked.options;
}

const isName = (name: string): name is Name => (NAMES as readonly string[]).includes(name);

function flag(name: Name, text: string | undefined): boolean | undefined {
  if (text === undefined || text === "") {
    return undefined; // as in the contract's own ?label=&dryRun=
  }
  if (text !== "true" && text !== "false") {
    throw refusal(`${name}: Expected true or false`);
  }
  return text === "true";
}

function refusal(message: string): UploadProblem {
  return new UploadProblem("INVALID_OPTION", message);
}
