import type { Goal, Table } from "../report/benchmark.ts";
import { bundleSize } from "./bundle-sizes.ts";

const OURS = "@patchlane/referral-patch";
const MOST_BYTES = 10_000;
const KB = 1_000;

const BUNDLES = [
  { name: "referral-patch without zod", modules: [OURS], external: ["zod"] },
  { name: "referral-patch with zod", modules: [OURS], external: [] },
  { name: "fast-json-patch", modules: ["fast-json-patch"], external: [] },
  { name: "rfc6902", modules: ["rfc6902"], external: [] },
  {
    name: "just-diff and just-diff-apply",
    modules: ["just-diff", "just-diff-apply"],
    external: [],
  },
];

export async function bundles(): Promise<{ table: Table; goal: Goal }> {
  const sizes = await Promise.all(
    BUNDLES.map(async ({ name, modules, external }) => ({
      name,
      ...(await bundleSize(modules, external)),
    })),
  );
  const own = sizes[0]?.gzipped ?? Number.NaN;
  const table = {
    title: "What a browser loads",
    note: `Everything each exports, bundled and minified by esbuild, gzipped. A service that has zod already pays only for the first line. The rivals know
no referral: no fields, values, transitions or limits.`,
    columns: [
      { head: "bundle" },
      { head: "minified, kB", digits: 1 },
      { head: "gzipped, kB", digits: 1 },
      { head: "over referral-patch without zod", digits: 2 },
    ],
    rows: sizes.map(({ name, minified, gzipped }) => [
      name,
      minified / KB,
      gzipped / KB,
      gzipped / own,
    ]),
  };
  const goal = {
    text: `under ${MOST_BYTES / KB} kB minified and gzipped, without zod`,
    measured: `${(own / KB).toFixed(2)} kB`,
    isMet: own < MOST_BYTES,
  };
  return { table, goal };
}
