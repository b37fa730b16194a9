import { callbackUrlProblem } from "@patchlane/service-kit";
import type { GatewaySettings } from "../env.ts";

/** Why a bulk update may not be called back at this URL, for the caller; undefined when it may. */
export function checkCallbackUrl(
  url: string,
  settings: Pick<GatewaySettings, "CALLBACK_SECRET" | "CALLBACK_ALLOW_PRIVATE">,
): string | undefined {
  return settings.CALLBACK_SECRET === undefined
    ? "Callbacks are off: this gateway has no CALLBACK_SECRET to sign them with"
    : callbackUrlProblem(url, { mayBePrivate: settings.CALLBACK_ALLOW_PRIVATE });
}
