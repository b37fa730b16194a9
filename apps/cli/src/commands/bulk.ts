import type { Command } from "commander";
import { addBulkList, addBulkStatus, addBulkWatch } from "./bulk-look.ts";
import { addBulkResults } from "./bulk-results.ts";
import { addBulkSteering } from "./bulk-steer.ts";
import { addBulkSubmit } from "./bulk-submit.ts";
import type { Runner } from "./runner.ts";

export function addBulk(parent: Command, run: Runner): void {
  const bulk = parent
    .command("bulk")
    .summary("many changes at once: submit, watch, results, retry …")
    .description("Many changes at once, from a CSV or NDJSON file.")
    .helpCommand(false);
  addBulkSubmit(bulk, run);
  addBulkStatus(bulk, run);
  addBulkWatch(bulk, run);
  addBulkResults(bulk, run);
  addBulkSteering(bulk, run);
  addBulkList(bulk, run);
}
