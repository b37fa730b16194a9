import {
  type AskGateway,
  UPDATE_AND_SHOW_TEAM,
  UPDATE_REFERRAL,
  updateResult,
} from "./graphql-client.ts";

/** One thing the demo shows, and whether it came out as it should. */
export interface SampleOutcome {
  readonly what: string;
  readonly outcome: string;
  readonly isAsExpected: boolean;
}

const EXAMPLE_ID = "61c65491-2f2c-461a-84b4-3654499bc1d9";
const NEW_MEMBER = {
  email: "jane.doe@contoso.com",
  firstName: "Jane",
  lastName: "Doe",
  phoneNumber: "0000000001",
};

/** The vendor's three documented updates, one forbidden transition, one unsupported operation. */
export async function runSamples(ask: AskGateway): Promise<SampleOutcome[]> {
  return [
    await dealAndNotes(ask),
    await teamMember(ask),
    await closedWon(ask),
    await forbiddenTransition(ask),
    await unsupportedOperation(ask),
  ];
}

async function applied(ask: AskGateway, what: string, changes: unknown): Promise<SampleOutcome> {
  const result = updateResult(
    await ask(UPDATE_REFERRAL, { input: { referralId: EXAMPLE_ID, changes } }),
  );
  const paths = result?.patch?.map(({ op, path }) => `${op} ${path}`).join(", ") ?? "";
  return {
    what,
    outcome: `${result?.update?.state ?? result?.message ?? "no answer"}: ${paths}`,
    isAsExpected: result?.update?.state === "APPLIED",
  };
}

function dealAndNotes(ask: AskGateway): Promise<SampleOutcome> {
  return applied(ask, "Deal value and notes", {
    details: { dealValue: "10000", notes: "Budget confirmed by the customer" },
  });
}

function closedWon(ask: AskGateway): Promise<SampleOutcome> {
  return applied(ask, "Status to Closed/Won", { status: "Closed", substatus: "Won" });
}

async function teamMember(ask: AskGateway): Promise<SampleOutcome> {
  const answer = await ask(UPDATE_AND_SHOW_TEAM, {
    input: { referralId: EXAMPLE_ID, patch: [{ op: "add", path: "/team/-", value: NEW_MEMBER }] },
  });
  const result = updateResult(answer);
  const team = result?.referral?.team ?? [];
  const times = team.filter(({ email }) => email === NEW_MEMBER.email).length;
  return {
    what: "Add a team member, representation back",
    outcome: `${result?.update?.state ?? "no answer"}: ${NEW_MEMBER.email} is ${times}x in a team of ${team.length}`,
    isAsExpected: result?.update?.state === "APPLIED" && times === 1,
  };
}

async function forbiddenTransition(ask: AskGateway): Promise<SampleOutcome> {
  const answer = await ask(UPDATE_REFERRAL, {
    input: { referralId: EXAMPLE_ID, changes: { status: "New", substatus: "Pending" } },
  });
  const result = updateResult(answer);
  const allowed = result?.allowed?.map(({ status, substatus }) => `${status}/${substatus}`);
  return {
    what: "Forbidden: from Closed back to New",
    outcome: `${result?.__typename ?? "no answer"}: allowed are ${allowed?.join(", ") ?? "?"}`,
    isAsExpected: result?.__typename === "InvalidTransitionError",
  };
}

async function unsupportedOperation(ask: AskGateway): Promise<SampleOutcome> {
  const answer = await ask(UPDATE_REFERRAL, {
    input: { referralId: EXAMPLE_ID, patch: [{ op: "remove", path: "/team/0" }] },
  });
  const message = answer.errors?.[0]?.message ?? "";
  return {
    what: "Unsupported: a remove operation",
    outcome: message.slice(message.indexOf("Value")) || "no error",
    isAsExpected: message.includes('"remove" does not exist in "PatchOp"'),
  };
}
