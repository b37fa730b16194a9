/** A GraphQL operation's text, which knows the types of its variables and of what it answers. */
export interface Operation<Data, Variables> {
  readonly text: string;
  /** Only for the type checker; never there. */
  readonly types?: (variables: Variables) => Data;
}

export function defineOperation<Data, Variables>(text: string): Operation<Data, Variables> {
  return { text };
}
