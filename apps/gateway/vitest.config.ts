import { mergeConfig } from "vitest/config";
import { sharedConfig } from "../../vitest.shared.ts";

/** Sixty files that load the whole gateway: loading it once saves a minute and a half. None of them leaves anything behind in a module. */
export default mergeConfig(sharedConfig, { test: { isolate: false } });
