import { type LoadOptions, runLoad } from "./load.ts";
import { summarise } from "./summary.ts";

/** A process that only makes load: does one run for every message, and answers its summary. */
process.on("message", (options: LoadOptions) => {
  void runLoad(options).then((result) => process.send?.(summarise(result)));
});
