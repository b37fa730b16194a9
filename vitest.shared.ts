import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** What Node loads. Its build for "module" has imports without extensions, which Node cannot follow. */
const openTelemetryApi = createRequire(
  new URL("./packages/service-kit/package.json", import.meta.url),
).resolve("@opentelemetry/api");

/** Where Node keeps what it made of our sources: tests start some hundred processes, and each would strip and compile them anew. */
const compileCache = fileURLToPath(new URL("./node_modules/.cache/node-compile", import.meta.url));

/**
 * What every package's tests share: workspace packages resolve to their source (no build needed),
 * and "module" keeps graphql to one copy.
 */
export const sharedConfig: ViteUserConfig = defineConfig({
  resolve: { alias: { "@opentelemetry/api": openTelemetryApi } },
  ssr: { resolve: { conditions: ["@patchlane/source", "module", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    env: { NODE_COMPILE_CACHE: compileCache },
    // How long a hang may last, not what a test takes: two busy cores can be ten times slower than idle ones.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's own default of one second is less than a busy machine may take for one round trip.
    expect: { poll: { timeout: 20_000, interval: 20 } },
    reporters: ["default"],
  },
});
