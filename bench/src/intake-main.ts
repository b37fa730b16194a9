import Table from "cli-table3";
import { measureIntake } from "./intake.ts";

/** `intake [rows] [rounds]` */
const [rows = "100000", rounds = "3"] = process.argv.slice(2);
const table = new Table({
  head: ["upload", "rows", "rows/s", "bare pipelined write, rows/s", "ratio", "gateway memory"],
});
for (const result of await measureIntake(Number(rows), Number(rounds))) {
  table.push([
    result.format,
    result.rows,
    Math.round(result.rowsPerSecond),
    Math.round(result.bareRowsPerSecond),
    result.ratio.toFixed(2),
    `+${Math.round(result.memoryGrowthMb)} MB`,
  ]);
}
console.log(table.toString());
