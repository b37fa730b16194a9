import {
  BreakingChangeType,
  buildSchema,
  DangerousChangeType,
  findSchemaChanges,
  type SchemaChange,
} from "graphql";

/** What became different between two schemas, for those who call: one line in words each. */
export interface SchemaChanges {
  /** Requests that were good would be refused, or programs generated from the schema would not fit its answers. */
  readonly breaking: readonly string[];
  /** Programs that take the schema for all there will ever be may be surprised: a new enum value, another default. */
  readonly dangerous: readonly string[];
  /** Everything else, added or said better. */
  readonly safe: readonly string[];
}

/** What callers of `published` meet when `served` takes its place; both as SDL. Throws when one is no schema. */
export function schemaChanges(published: string, served: string): SchemaChanges {
  const changes = findSchemaChanges(buildSchema(published), buildSchema(served));
  const isBreaking = ({ type }: SchemaChange): boolean => type in BreakingChangeType;
  const isDangerous = (change: SchemaChange): boolean =>
    change.type in DangerousChangeType && !isBreaking(change);
  const words = (those: readonly SchemaChange[]): string[] =>
    those.map(({ type, description }) => `${type}: ${description}`).sort();
  return {
    breaking: words(changes.filter(isBreaking)),
    dangerous: words(changes.filter(isDangerous)),
    safe: words(changes.filter((change) => !isBreaking(change) && !isDangerous(change))),
  };
}
