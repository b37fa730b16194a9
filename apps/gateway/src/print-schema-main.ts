import { writeFileSync } from "node:fs";
import { printSdl } from "./schema/print-schema.ts";

writeFileSync(new URL("../schema.graphql", import.meta.url), printSdl());
