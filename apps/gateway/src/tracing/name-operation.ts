import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from "graphql";

/** Root fields named; an operation with more ends in `…`. */
const MOST_NAMED = 3;

/** An operation as it may stand in a trace. */
export interface OperationName {
  /** `query`, `mutation` or `subscription`. */
  readonly type: string;
  /** Names of root fields, from our schema only: what callers call things (aliases, operation names) is theirs. */
  readonly fields: string;
}

export function nameOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): OperationName {
  const operation = getOperationAST(document, operationName);
  if (operation == null) {
    return { type: "unknown", fields: "" };
  }
  const known = schema.getRootType(operation.operation)?.getFields() ?? {};
  const names = new Set<string>();
  collect(operation.selectionSet, fragmentsOf(document), names);
  // Meta fields (`__typename`, `__schema`) are GraphQL's own.
  const ours = [...names].filter((name) => Object.hasOwn(known, name) || /^__\w+$/.test(name));
  const shown = ours.slice(0, MOST_NAMED);
  return {
    type: operation.operation,
    fields: [...shown, ...(ours.length > shown.length ? ["…"] : [])].join(" "),
  };
}

type Fragments = Map<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
}

/** Every fragment is entered once. */
function collect({ selections }: SelectionSetNode, fragments: Fragments, names: Set<string>): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      names.add(selection.name.value);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(selection.selectionSet, fragments, names);
    } else {
      const fragment = fragments.get(selection.name.value);
      fragments.delete(selection.name.value);
      if (fragment !== undefined) collect(fragment.selectionSet, fragments, names);
    }
  }
}
