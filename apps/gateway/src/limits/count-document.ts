import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type VariableDefinitionNode,
} from "graphql";
import { refused } from "./limit-error.ts";
import type { Meter } from "./meter.ts";

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Counts what stands in a document as it is written; answers its fragments, none of which spreads itself. */
export function countDocument(document: DocumentNode, meter: Meter): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const spreads = new Map<string, readonly string[]>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      countDirectives(definition.directives, meter);
      countVariables(definition.variableDefinitions, meter);
      countSelections(definition.selectionSet, meter, []);
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      meter.add("fragments");
      countDirectives(definition.directives, meter);
      const spread: string[] = [];
      countSelections(definition.selectionSet, meter, spread);
      fragments.set(definition.name.value, definition);
      spreads.set(definition.name.value, spread);
    }
  }
  refuseCycles(spreads);
  return fragments;
}

function countSelections({ selections }: SelectionSetNode, meter: Meter, spread: string[]): void {
  for (const selection of selections) {
    countDirectives(selection.directives, meter);
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      meter.add("spreads");
      spread.push(selection.name.value);
      continue;
    }
    if (selection.kind === Kind.FIELD && selection.alias !== undefined) {
      meter.add("aliases");
    }
    if (selection.selectionSet !== undefined) {
      countSelections(selection.selectionSet, meter, spread);
    }
  }
}

function countDirectives(directives: readonly DirectiveNode[] = [], meter: Meter): void {
  for (const _directive of directives) {
    meter.add("directives");
  }
}

function countVariables(variables: readonly VariableDefinitionNode[] = [], meter: Meter): void {
  for (const { directives } of variables) {
    countDirectives(directives, meter);
  }
}

function refuseCycles(spreads: ReadonlyMap<string, readonly string[]>): void {
  const state = new Map<string, "open" | "done">();
  const enter = (name: string): void => {
    if (state.get(name) === "open") {
      throw refused("QUERY_TOO_DEEP", "A fragment must not spread itself, nor by way of others");
    }
    if (state.get(name) === undefined) {
      state.set(name, "open");
      spreads.get(name)?.forEach(enter);
      state.set(name, "done");
    }
  };
  for (const name of spreads.keys()) {
    enter(name);
  }
}
