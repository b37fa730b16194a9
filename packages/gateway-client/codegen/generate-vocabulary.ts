import {
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
} from "graphql";

const HEADER = "// Made from apps/gateway/schema.graphql by `pnpm run generate`. Do not edit.\n";

const ENUMS = ["ReferralStatus", "ReferralSubstatus", "UpdateState", "BulkUpdateState"];

/** What a program needs to know of the schema when it runs: enum values, and which fields of a referral may be changed. */
export function generateVocabulary(schema: GraphQLSchema): string {
  const enums = ENUMS.map((name) => {
    const type = schema.getType(name);
    const values = isEnumType(type) ? type.getValues().map((value) => value.name) : [];
    return constant(`${uncapitalized(name)}Values`, `Values of the enum ${name}.`, values);
  });
  const changes = schema.getType("ReferralChangesInput");
  const fields = isInputObjectType(changes) ? Object.fromEntries(leavesOf(changes)) : {};
  const about =
    "Fields of a referral that may be changed, as dotted paths, with their GraphQL types.";
  return [HEADER, ...enums, constant("changeFields", about, fields)].join("\n");
}

function constant(name: string, about: string, value: unknown): string {
  return `/** ${about} */\nexport const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}

function leavesOf(type: GraphQLInputObjectType, above = ""): [path: string, type: string][] {
  return Object.values(type.getFields()).flatMap((field) => {
    const path = `${above}${field.name}`;
    const inner = getNullableType(field.type);
    return isInputObjectType(inner)
      ? leavesOf(inner, `${path}.`)
      : [[path, String(inner)] satisfies [string, string]];
  });
}

const uncapitalized = (word: string): string => word.slice(0, 1).toLowerCase() + word.slice(1);
