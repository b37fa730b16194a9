import type { GatewayClient } from "@patchlane/gateway-client";
import type { InputPlaces } from "./input/json-argument.ts";
import type { Printer } from "./output/printer.ts";

/** What a command works with. */
export interface Context {
  readonly gateway: GatewayClient;
  readonly printer: Printer;
  readonly places: InputPlaces;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** ms on a clock that never goes back. */
  readonly now: () => number;
}
