/** CSV that gives the simulator's referrals `from` to `to` (counted from 1) these notes. */
export function notesCsv(from: number, to: number, notes: string): string {
  const rows = Array.from(
    { length: to - from + 1 },
    (_, index) => `${externalId(from + index)},${notes}`,
  );
  return `externalReferenceId,details.notes\n${rows.join("\n")}\n`;
}

/** The CRM's id of the simulator's referral number `number`. */
export function externalId(number: number): string {
  return `CRM-${String(number).padStart(6, "0")}`;
}
