import { writeFileSync } from "node:fs";
import { generateOperations, readCommittedSchema } from "./generate-operations.ts";
import { generateVocabulary } from "./generate-vocabulary.ts";
import { trustedDocuments } from "./trusted-documents.ts";

const schema = readCommittedSchema();
const write = (name: string, text: string): void =>
  writeFileSync(new URL(`../src/generated/${name}`, import.meta.url), text);

write("operations.ts", await generateOperations(schema));
write("vocabulary.ts", generateVocabulary(schema));

const operations = await import("../src/generated/operations.ts"); // as just written
writeFileSync(new URL("../trusted-documents.json", import.meta.url), trustedDocuments(operations));
