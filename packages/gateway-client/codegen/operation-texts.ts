import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from "graphql";

/*
 * A plugin of GraphQL Code Generator: each operation as a typed constant that holds its text, fragments included. The usual
 * plugin for this brings a class with `any` in it and a run-time dependency; what is needed is a string.
 */
export function plugin(
  _schema: GraphQLSchema,
  documents: readonly { readonly document?: DocumentNode }[],
): { prepend: string[]; content: string } {
  const definitions = documents.flatMap(({ document }) => document?.definitions ?? []);
  const fragments = new Map(
    definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const operations = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return {
    prepend: ['import { defineOperation } from "../operation.ts";'],
    content: operations
      .map((operation) => constantOf(operation as OperationDefinitionNode, fragments))
      .join("\n\n"),
  };
}

function constantOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): string {
  const name = operation.name?.value ?? "";
  const type = `${name}${capitalized(operation.operation)}`;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [operation, ...usedBy(operation, fragments)],
  };
  return `export const ${name} = defineOperation<${type}, ${type}Variables>(\`${print(document)}\`);`;
}

function usedBy(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  found = new Set<FragmentDefinitionNode>(),
): Set<FragmentDefinitionNode> {
  visit(node, {
    FragmentSpread: ({ name }) => {
      const fragment = fragments.get(name.value);
      if (fragment !== undefined && !found.has(fragment)) {
        found.add(fragment);
        usedBy(fragment, fragments, found);
      }
    },
  });
  return found;
}

const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
