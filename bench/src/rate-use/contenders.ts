import { startCold, startWarm } from "./patchlane.ts";
import type { RateCase } from "./rate-case.ts";
import type { RivalName } from "./rivals/rival.ts";
import { startRival } from "./rivals/start-rival.ts";
import type { Site, Started } from "./site.ts";

export type ContenderName = "patchlane" | "patchlaneCold" | RivalName;

/** Has everything that is to be sent in place, then begins. */
export function startContender(
  name: ContenderName,
  site: Site,
  rateCase: RateCase,
): Promise<Started> {
  switch (name) {
    case "patchlane":
      return startWarm(site, rateCase);
    case "patchlaneCold":
      return startCold(site, rateCase);
    default:
      return startRival(name, site, rateCase);
  }
}
