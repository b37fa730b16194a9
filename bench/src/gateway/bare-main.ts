import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { schema } from "@patchlane/gateway";
import { type DocumentNode, execute, parse, validate } from "graphql";
import { rivalContext } from "./rival-services.ts";

/**
 * `bare-main <Redis URL>`: the least a server can do. The gateway's schema executed by graphql-js right from `node:http`, parsed
 * and validated once a document, the same limit on bodies. No sign-in, masking, limits, metrics, streaming, nothing else.
 */
const MOST_BODY_BYTES = 1_048_576;
const [redisUrl = ""] = process.argv.slice(2);
const context = await rivalContext(redisUrl);
const documents = new Map<string, DocumentNode>();

function documentOf(query: string): DocumentNode {
  const known = documents.get(query);
  if (known !== undefined) {
    return known;
  }
  const document = parse(query);
  const [problem] = validate(schema, document);
  if (problem !== undefined) {
    throw problem;
  }
  documents.set(query, document);
  return document;
}

async function answer(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) {
      throw new Error("too large");
    }
    chunks.push(chunk);
  }
  const { query, variables } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
    query: string;
    variables: Record<string, unknown>;
  };
  return execute({
    schema,
    document: documentOf(query),
    variableValues: variables,
    contextValue: context(),
  });
}

const server = createServer((request, response) => {
  answer(request).then(
    (result) => {
      const body = JSON.stringify(result);
      response.writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
      });
      response.end(body);
    },
    () => response.writeHead(400).end(),
  );
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}/` }));
});
