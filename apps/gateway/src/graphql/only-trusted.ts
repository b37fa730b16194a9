import type { Plugin } from "graphql-yoga";
import { refused } from "../limits/limit-error.ts";
import type { TrustedDocuments } from "./trusted-documents.ts";

interface Asked {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: {
    readonly persistedQuery?: { readonly sha256Hash?: unknown } | null;
  } | null;
}

/*
 * Not @graphql-yoga/plugin-persisted-operations (3.24): it lets the text of a document pass for any document or for none, and clients
 * that know nothing of ids send the text of the ones that are trusted.
 */

/**
 * Runs trusted documents only, asked for by id (`documentId`, or `extensions.persistedQuery.sha256Hash` as Apollo's clients
 * send it) or by their very text. Without `documents` everything runs, and ids mean nothing.
 */
export function onlyTrusted(documents: TrustedDocuments | undefined): Plugin {
  const texts = new Set<unknown>(documents?.values());
  return {
    onParams: ({ params, setParams }) => {
      const { documentId, ...rest } = params as Asked;
      const id = documentId ?? rest.extensions?.persistedQuery?.sha256Hash;
      if (documents === undefined) {
        if (id != null && rest.query == null) {
          // The very message that such clients look for, to send the text then.
          throw refused("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported");
        }
        return;
      }
      if (rest.query != null) {
        if (!texts.has(rest.query)) {
          throw refused("DOCUMENT_NOT_TRUSTED", "Only trusted documents run here");
        }
        setParams(rest as typeof params);
      } else if (id != null) {
        const query = documents.get(String(id).replace(/^sha256:/, ""));
        if (query === undefined) {
          throw refused("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
        }
        setParams({ ...rest, query } as typeof params);
      }
    },
  };
}
