import { expect, test } from "vitest";
import { LeadTime, LONGEST_LEAD_MS } from "../src/lead-time.ts";

test("a moment may be as near as the checks before a call take, and no nearer", () => {
  const lead = new LeadTime();
  expect(lead.ms).toBe(LONGEST_LEAD_MS);
  for (const ms of [1, 2, 1.5, 1]) {
    lead.heardTrip(1);
    lead.heardChecks(ms);
  }
  expect(lead.ms).toBe(3);
  lead.heardChecks(50);
  expect(lead.ms, "one that stalled").toBe(LONGEST_LEAD_MS);
  for (let n = 0; n < 16; n++) {
    lead.heardTrip(0.2);
    lead.heardChecks(0.1);
  }
  expect(lead.ms, "forgotten").toBe(1);
});
