import { readdirSync, readFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import { buildSchema, type DocumentNode, type GraphQLSchema, parse, printSchema } from "graphql";
import * as operationTexts from "./operation-texts.ts";

const HEADER =
  "// Made from apps/gateway/schema.graphql and src/operations by `pnpm run generate`. Do not edit.";

const SCALARS = {
  ID: "string",
  DateTime: "string",
  Decimal: { input: "number | string", output: "string" },
  JSON: "unknown",
};

/** The schema a client is made for: the committed SDL of the gateway. */
export function readCommittedSchema(): GraphQLSchema {
  return buildSchema(
    readFileSync(new URL("../../../apps/gateway/schema.graphql", import.meta.url), "utf8"),
  );
}

/** Types and texts of the operations in `src/operations`. Throws when one does not fit the schema. */
export function generateOperations(schema: GraphQLSchema): Promise<string> {
  return codegen({
    filename: "operations.ts",
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: readOperations(),
    config: {
      useTypeImports: true,
      immutableTypes: true,
      nonOptionalTypename: false,
      skipTypename: true,
      inlineFragmentTypes: "combine",
      scalars: SCALARS,
    },
    plugins: [{ header: {} }, { types: {} }, { texts: {} }],
    pluginMap: {
      header: { plugin: () => ({ prepend: [HEADER], content: "" }) },
      types: typescriptOperations,
      texts: operationTexts,
    },
  });
}

function readOperations(): { location: string; document: DocumentNode }[] {
  const folder = new URL("../src/operations/", import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((name) => ({
      location: name,
      document: parse(readFileSync(new URL(name, folder), "utf8"), { noLocation: true }),
    }));
}
