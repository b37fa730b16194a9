import { mergeConfig } from "vitest/config";
import { sharedConfig } from "../../vitest.shared.ts";

/** Twenty-eight files that load the whole worker: loading it once saves forty seconds. None of them leaves anything behind in a module. */
export default mergeConfig(sharedConfig, { test: { isolate: false } });
