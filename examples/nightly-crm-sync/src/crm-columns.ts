/** A line of the CRM's export, by the CRM's own column names. */
export type CrmRecord = Readonly<Record<string, string>>;

/** Columns of the upload: the id that finds the referral, and the fields to set. */
export const uploadColumns = [
  "externalReferenceId",
  "details.dealValue",
  "details.currency",
  "details.closingDateTime",
  "details.notes",
  "status",
  "substatus",
] as const;

/** What a referral becomes when its deal is over in the CRM. Open stages leave its status alone. */
const CLOSED: Readonly<Record<string, string>> = { Won: "Won", Lost: "Lost" };

/**
 * One row of the upload; an empty cell leaves its field alone. Values are passed on unchecked: a row with a bad one fails alone,
 * and says why.
 */
export function toUploadRow(record: CrmRecord): Record<(typeof uploadColumns)[number], string> {
  const closeDate = record["Close date"] ?? "";
  const substatus = CLOSED[record.Stage ?? ""] ?? "";
  return {
    externalReferenceId: record.Opportunity ?? "",
    "details.dealValue": record.Amount ?? "",
    "details.currency": record.Currency ?? "",
    "details.closingDateTime": closeDate === "" ? "" : `${closeDate}T00:00:00Z`,
    "details.notes": record["Next step"] ?? "",
    status: substatus === "" ? "" : "Closed",
    substatus,
  };
}
