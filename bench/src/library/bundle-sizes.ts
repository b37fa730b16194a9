import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes of a bundle for browsers. */
export interface BundleSize {
  readonly minified: number;
  readonly gzipped: number;
}

/** Of everything the modules export: minified by esbuild, gzipped at its default level. */
export async function bundleSize(
  modules: readonly string[],
  external: readonly string[] = [],
): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: {
      contents: modules.map((name) => `export * from "${name}";`).join("\n"),
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["@patchlane/source"],
    external: [...external],
    write: false,
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: contents.length, gzipped: gzipSync(contents).length };
}
