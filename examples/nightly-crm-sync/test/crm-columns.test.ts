import { expect, test } from "vitest";
import { toUploadRow } from "../src/crm-columns.ts";

test("a won deal closes its referral; an open one leaves the status alone", () => {
  const open = {
    Opportunity: "CRM-1",
    Amount: "10.50",
    Currency: "EUR",
    "Close date": "2026-12-31",
    Stage: "Proposal",
    "Next step": "Call",
  };
  expect(toUploadRow(open)).toEqual({
    externalReferenceId: "CRM-1",
    "details.dealValue": "10.50",
    "details.currency": "EUR",
    "details.closingDateTime": "2026-12-31T00:00:00Z",
    "details.notes": "Call",
    status: "",
    substatus: "",
  });
  expect(toUploadRow({ ...open, Stage: "Won" })).toMatchObject({
    status: "Closed",
    substatus: "Won",
  });
});
