import { type LoadOptions, runLoad } from "./load.ts";
import { summarise } from "./summary.ts";

/** `load-main <options as JSON>`: one run of the load, in a process of its own; its summary as JSON on stdout. */
const [options = "{}"] = process.argv.slice(2);
console.log(JSON.stringify(summarise(await runLoad(JSON.parse(options) as LoadOptions))));
