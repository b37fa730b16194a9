import Table from "cli-table3";
import { measureSync } from "./sync.ts";

/** `sync [rows] [calls a second]` */
const [rows = "10000", rate = "500"] = process.argv.slice(2);
const table = new Table({
  head: [
    "run",
    "rows",
    "changed",
    "lists",
    "reads",
    "writes",
    "calls/changed row",
    "read-then-write",
    "s",
  ],
});
for (const result of await measureSync(Number(rows), Number(rate))) {
  table.push([
    result.run,
    result.rows,
    result.changed,
    result.listCalls,
    result.reads,
    result.writes,
    ((result.listCalls + result.reads + result.writes) / result.changed).toFixed(3),
    result.rows * 2,
    result.seconds.toFixed(1),
  ]);
}
console.log(table.toString());
