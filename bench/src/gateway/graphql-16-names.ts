import { registerHooks } from "node:module";

/**
 * Lets mercurius 16 run with graphql 17, which gave what it imports as `buildExecutionContext` another name: the change that
 * mercurius' own pull request for graphql 17 makes (mercurius-js/mercurius#1256). Must be called before mercurius is imported.
 */
export function useGraphql16Names(): void {
  const source = `export { validateExecutionArgs as buildExecutionContext } from "graphql";`;
  const url = new URL("./graphql-16-names.mjs", import.meta.url).href; // no file: what it holds stands above
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "graphql/execution/execute"
        ? { url, format: "module", shortCircuit: true }
        : next(specifier, context),
    load: (wanted, context, next) =>
      wanted === url ? { source, format: "module", shortCircuit: true } : next(wanted, context),
  });
}
