import { expect, test } from "vitest";
import { createGatewayClient } from "../src/index.ts";
import { fakeGateway, json } from "./support/fake-gateway.ts";

async function textOf(stream: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

test("results stream as they come, filtered as asked", async () => {
  const paths: unknown[] = [];
  const url = await fakeGateway((request, response) => {
    paths.push(request.url);
    response.writeHead(200, { "content-type": "text/csv" });
    response.write("rowNumber,state\n");
    response.end("1,FAILED\n");
  });
  const client = createGatewayClient({ url });
  const request = { format: "csv", state: "FAILED" } as const;
  expect(await textOf(await client.bulkUpdateResults("blk_1", request))).toBe(
    "rowNumber,state\n1,FAILED\n",
  );
  await textOf(await client.bulkUpdateResults("blk_1", { format: "ndjson" }));
  expect(paths).toEqual([
    "/bulk-updates/blk_1/results.csv?state=FAILED",
    "/bulk-updates/blk_1/results.ndjson",
  ]);
});

test("no such bulk update is undefined", async () => {
  const url = await fakeGateway(json(404, { error: { code: "NOT_FOUND", message: "none" } }));
  expect(await createGatewayClient({ url }).bulkUpdateResults("blk_1")).toBeUndefined();
});

test("a download that is cut fails: what came until then is not the whole", async () => {
  const url = await fakeGateway((_request, response) => {
    response.writeHead(200, { "content-type": "text/csv" });
    response.write("rowNumber,state\n", () => response.socket?.destroy());
  });
  const results = await createGatewayClient({ url }).bulkUpdateResults("blk_1");
  await expect(textOf(results)).rejects.toMatchObject({ name: "GatewayUnreachableError" });
});
