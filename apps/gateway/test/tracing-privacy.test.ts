import { SPAN_FACTS } from "@patchlane/service-kit";
import { expect, onTestFinished, test } from "vitest";
import { startIssuer } from "./support/issuer.ts";
import { newReferral } from "./support/referrals.ts";
import { callersSpan, startTraced } from "./support/traced.ts";

const CANARY = "canary";
const EMAIL = `jane.${CANARY}@contoso.example`;

test("nothing a caller wrote, is, or sent along stands in a trace or in a log line", async () => {
  const issuer = await startIssuer();
  const upstreamToken = `upstream-token-${CANARY}`;
  const traced = await startTraced({
    ...issuer.settings,
    PARTNER_CENTER_ACCESS_TOKEN: upstreamToken,
  });
  onTestFinished(() => traced.close());
  const { origin, simulator, collector, gateway } = traced;
  const worker = await traced.startWorker();
  const token = await issuer.token({ claims: { sub: `subject-${CANARY}`, name: CANARY } });
  const caller = callersSpan();
  const headers = {
    authorization: `Bearer ${token}`,
    traceparent: caller.traceparent,
    tracestate: `vendor=${CANARY}`,
    baggage: `who=${CANARY}`,
    "user-agent": CANARY,
    "x-request-id": CANARY,
  };
  const send = async (body: unknown): Promise<unknown> => {
    const response = await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const operationName = `Update_${CANARY}`;
  const query = `mutation ${operationName}($input: UpdateReferralInput!) {
    alias_${CANARY}: updateReferral(input: $input) { ...Fragment_${CANARY} }
  }
  fragment Fragment_${CANARY} on UpdateReferralResult { __typename }`;
  const referralIds = [1, 2, 3, 4].map(() => newReferral(simulator));
  const [plain = "", refused = "", unreadable = "", lost = ""] = referralIds;
  const quoting = { error: { code: `no.${EMAIL}`, message: `${EMAIL} is not allowed` } };
  simulator.control.addFaults([
    {
      match: { referralId: refused, method: "PATCH" },
      fault: { kind: "status", status: 400, body: quoting },
    },
    { match: { referralId: unreadable }, fault: { kind: "status", status: 403, body: quoting } },
    { match: { referralId: lost, method: "PATCH", nth: 1 }, fault: "cutAfterWrite" },
  ]);
  const changes = {
    details: { notes: `call ${EMAIL}` },
    team: { add: [{ email: EMAIL, firstName: CANARY, lastName: CANARY, phoneNumber: "1" }] },
  };
  for (const referralId of [plain, refused, unreadable, lost]) {
    const idempotencyKey = `key-${CANARY}-${referralId}`;
    const input = { referralId, changes, idempotencyKey, ifMatch: undefined, waitMs: 25_000 };
    await send({ query, operationName, variables: { input } });
    await send({ query, operationName, variables: { input: { ...input, changes: {} } } });
  }
  await send({ query, operationName, variables: { input: { referralId: EMAIL, changes } } });
  await send({ query: `{ field_${CANARY} }` });
  await send({ query: `{ __type(name: "${CANARY}") { name } }` });
  await send({ query: `{ referral(id: "${EMAIL}") { id } }` });
  await fetch(
    `${origin}/bulk-updates?label=${CANARY}&idempotencyKey=${CANARY}&skipUnchanged=false`,
    {
      method: "POST",
      headers: { ...headers, "content-type": "text/csv" },
      body: `referralId,externalReferenceId,name,details.notes\n${plain},,${CANARY},${EMAIL}\n,${CANARY},${CANARY},x\n`,
    },
  );
  const isBulkRead = (): boolean =>
    collector.spans.some(({ name }) => name === "read the referral list") ||
    collector.spans.filter(({ name }) => name === "lane step").length > 4;
  await collector.until(isBulkRead);
  await Promise.all([gateway.stop(), traced.stopWorker()]);

  const everything = collector.raw.join("\n");
  expect(everything).toContain(caller.traceId);
  expect(collector.spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "mutation updateReferral",
      "query __type",
      "POST /bulk-updates",
      "PATCH /engagements/referrals/{id}",
      "establish outcome",
    ]),
  );
  expect(everything).not.toContain(CANARY);
  expect(everything).not.toContain(token.slice(-20));
  const logs = JSON.stringify([...gateway.lines, ...worker.lines]);
  expect(logs).toContain(caller.traceId);
  expect(logs).not.toContain(CANARY);
  // Facts are a closed list; what is on it is in the documents.
  const told = collector.spans.flatMap(({ facts, events }) => [
    ...Object.keys(facts),
    ...events.flatMap((event) => Object.keys(event.facts)),
  ]);
  expect(
    [...new Set(told)].filter((name) => !(SPAN_FACTS as readonly string[]).includes(name)),
  ).toEqual([]);
});
