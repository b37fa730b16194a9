import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * What every package's tests share: workspace packages resolve to their source (no build needed),
 * and "module" keeps graphql to one copy.
 */
export const sharedConfig: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions: ["@patchlane/source", "module", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default"],
  },
});
