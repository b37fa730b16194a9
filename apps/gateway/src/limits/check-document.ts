import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { type Cost, product, sum } from "./cost.ts";
import { countDocument, type Fragments } from "./count-document.ts";
import type { Meter } from "./meter.ts";
import { pageSizeOf } from "./page-size.ts";
import { isListField, priceOf, USUAL_ELEMENTS, USUAL_EVENTS } from "./price.ts";

/** The cost of each operation of a document, by its name; "" for one without. */
export type Costs = ReadonlyMap<string, Cost>;

/**
 * Refuses a document that is over a limit whatever its variables are; answers what its operations cost. Takes time in
 * proportion to the document with its fragments spread out, of which there is a limit, too.
 */
export function checkDocument(schema: GraphQLSchema, document: DocumentNode, meter: Meter): Costs {
  const fragments = countDocument(document, meter);
  const costs = new Map<string, Cost>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      costs.set(definition.name?.value ?? "", costOf(definition, { schema, fragments, meter }));
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      // Also one that nothing spreads: GraphQL would validate it all the same.
      const { selectionSet } = definition;
      const type = typeOf(definition, schema);
      costOfAll(collect([{ selectionSet, type }], { schema, fragments, meter }), 1, {
        schema,
        fragments,
        meter,
      });
    }
  }
  return costs;
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly meter: Meter;
  readonly operation?: OperationDefinitionNode;
}

/** Selections from a value of some type; of an unknown one when GraphQL will refuse the document. */
interface Selected {
  readonly selectionSet: SelectionSetNode;
  readonly type: GraphQLCompositeType | undefined;
}

/** One field where it is selected. */
interface Spot {
  readonly node: FieldNode;
  readonly type: GraphQLCompositeType | undefined;
}

function costOf(operation: OperationDefinitionNode, context: Walk): Cost {
  const walk = { ...context, operation };
  const { selectionSet } = operation;
  const type = walk.schema.getRootType(operation.operation) ?? undefined;
  const fields = collect([{ selectionSet, type }], walk);
  walk.meter.atLeast("rootFields", fields.size);
  const cost = costOfAll(fields, 1, walk);
  return operation.operation === "subscription" ? product(USUAL_EVENTS, cost) : cost;
}

/** Fields by their names in the answer, as execution puts them together. */
function collect(
  selected: readonly Selected[],
  { schema, fragments, meter }: Walk,
): Map<string, Spot[]> {
  const fields = new Map<string, Spot[]>();
  const spread = new Set<string>();
  const take = ({ selectionSet, type }: Selected): void => {
    for (const selection of selectionSet.selections) {
      meter.add("selections");
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const spots = fields.get(name) ?? [];
        spots.push({ node: selection, type });
        fields.set(name, spots);
        meter.atLeast("repeats", spots.length);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const { selectionSet } = selection;
        take({ selectionSet, type: selection.typeCondition ? typeOf(selection, schema) : type });
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) {
          take({ selectionSet: fragment.selectionSet, type: typeOf(fragment, schema) });
        }
      }
    }
  };
  selected.forEach(take);
  return fields;
}

function costOfAll(fields: ReadonlyMap<string, readonly Spot[]>, depth: number, walk: Walk): Cost {
  return sum([...fields.values()].map((spots) => costOfField(spots, depth, walk)));
}

function costOfField(spots: readonly Spot[], depth: number, walk: Walk, isPage = false): Cost {
  walk.meter.atLeast("depth", depth);
  let own = 0;
  let size: Cost | undefined;
  let isList = false;
  const inside: Selected[] = [];
  for (const { node, type } of spots) {
    const field = type && walk.schema.getField(type, node.name.value);
    own = Math.max(own, priceOf(type?.name, field));
    size ??= pageSizeOf(node, field, walk.operation);
    isList ||= isListField(field);
    if (node.selectionSet !== undefined) {
      const named = field && getNamedType(field.type);
      const within = isCompositeType(named) ? named : undefined;
      inside.push({ selectionSet: node.selectionSet, type: within });
    }
  }
  const parts = [...collect(inside, walk).values()].map((each) => {
    const isOfPage = size !== undefined && isPageField(each);
    const cost = costOfField(each, depth + 1, walk, isOfPage);
    return isOfPage && size !== undefined ? product(size, cost) : cost;
  });
  const once = sum([own, ...parts]);
  return isList && !isPage ? product(USUAL_ELEMENTS, once) : once;
}

/** Fields of a connection that answer as many values as it was asked for. */
function isPageField(spots: readonly Spot[]): boolean {
  return spots.some(({ node }) => node.name.value === "nodes" || node.name.value === "edges");
}

function typeOf(
  {
    typeCondition,
  }:
    | Pick<FragmentDefinitionNode, "typeCondition">
    | { typeCondition?: FragmentDefinitionNode["typeCondition"] | undefined },
  schema: GraphQLSchema,
): GraphQLCompositeType | undefined {
  const type = typeCondition && schema.getType(typeCondition.name.value);
  return isCompositeType(type) ? type : undefined;
}
