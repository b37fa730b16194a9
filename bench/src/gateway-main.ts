import { writeFile } from "node:fs/promises";
import Table from "cli-table3";
import { type GatewayBenchResult, measureGateway } from "./gateway/measure.ts";

/** `gateway [requests] [rounds] [arrivals a second] [file for the results as JSON]` */
const [requests = "10000", rounds = "5", perSecond = "500", file] = process.argv.slice(2);
const results = await measureGateway({
  requests: Number(requests),
  rounds: Number(rounds),
  connections: [16, 64],
  arrivalsPerSecond: Number(perSecond),
});
const table = new Table({
  style: { head: [], border: [], compact: true },
  head: ["operation", "load", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs", "CPU ratio"],
});
for (const result of results) {
  table.push([
    result.operation,
    result.load,
    result.server,
    `${result.perSecond.toFixed(0)} (${result.perSecondRange.map(Math.round).join("–")})`,
    result.p50Ms.toFixed(1),
    `${result.p99Ms.toFixed(1)} (${result.p99MsRange.map((ms) => ms.toFixed(1)).join("–")})`,
    result.cpuUs.toFixed(0),
    (result.cpuUs / patchlaneIn(result).cpuUs).toFixed(2),
  ]);
}
console.log(table.toString());
const failures = results.reduce((sum, result) => sum + result.failures, 0);
if (failures > 0) {
  throw new Error(`${failures} requests were not answered as they should be`);
}
if (file !== undefined) {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** The gateway under the same load. */
function patchlaneIn({ operation, load }: GatewayBenchResult): GatewayBenchResult {
  const found = results.find(
    (other) => other.server === "patchlane" && other.operation === operation && other.load === load,
  );
  if (found === undefined) {
    throw new Error("the gateway was not measured");
  }
  return found;
}
