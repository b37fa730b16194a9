import { readFileSync } from "node:fs";
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from "graphql";
import { expect, test } from "vitest";
import { EXAMPLE_QUERY } from "../src/example-query.ts";
import { printSdl } from "../src/schema/print-schema.ts";
import { CONTRACT } from "./support/contract.ts";

const committed = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");

test("the committed SDL is the schema that is served (pnpm run print-schema writes it)", () => {
  expect(committed).toBe(printSdl());
});

test("the committed SDL has everything callers were promised, exactly as promised", () => {
  const promised = statementsOf(CONTRACT);
  expect(promised.length).toBeGreaterThan(250);
  const served = new Set(statementsOf(committed));
  expect(promised.filter((statement) => !served.has(statement))).toEqual([]);
});

test("no promise became stricter: what a caller may leave out stays optional", () => {
  const served = buildSchema(committed);
  const promised = buildSchema(CONTRACT);
  for (const type of Object.values(served.getTypeMap())) {
    const before = promised.getType(type.name);
    if (isInputObjectType(type) && isInputObjectType(before)) {
      const added = Object.values(type.getFields()).filter(
        ({ name }) => before.getFields()[name] === undefined,
      );
      expect(added.map((field) => String(field.type)).filter(isRequired)).toEqual([]);
    }
    if (isObjectType(type) && isObjectType(before)) {
      for (const field of Object.values(type.getFields())) {
        const known = before.getFields()[field.name]?.args.map(({ name }) => name);
        const added = field.args.filter(({ name }) => known?.includes(name) === false);
        expect(added.map((argument) => String(argument.type)).filter(isRequired)).toEqual([]);
      }
    }
  }
});

test("the example shown at first fits the schema", () => {
  expect(validate(buildSchema(committed), parse(EXAMPLE_QUERY))).toEqual([]);
});

const isRequired = (type: string): boolean => type.endsWith("!");

/** The schema as a list of facts, one line each. */
function statementsOf(sdl: string): string[] {
  const schema = buildSchema(sdl, { noLocation: true });
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  return types.flatMap((type) => {
    const facts = [`${type.constructor.name} ${type.name}`];
    if (isEnumType(type)) {
      facts.push(...type.getValues().map(({ name }) => `${type.name} has ${name}`));
    }
    if (isUnionType(type)) {
      facts.push(...type.getTypes().map(({ name }) => `${type.name} may be ${name}`));
    }
    if (isObjectType(type)) {
      facts.push(...type.getInterfaces().map(({ name }) => `${type.name} implements ${name}`));
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        facts.push(`${type.name}.${field.name}: ${field.type}`);
        facts.push(
          ...field.args.map((argument) => `${type.name}.${field.name}(${factOf(argument)})`),
        );
      }
    }
    if (isInputObjectType(type)) {
      facts.push(
        ...Object.values(type.getFields()).map((field) => `${type.name} takes ${factOf(field)}`),
      );
    }
    return facts;
  });
}

function factOf(input: { name: string; type: unknown; default?: unknown; defaultValue?: unknown }) {
  return `${input.name}: ${input.type} = ${JSON.stringify(input.default ?? input.defaultValue)}`;
}
