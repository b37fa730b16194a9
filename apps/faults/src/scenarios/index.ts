import type { Scenario } from "../scenario.ts";
import { answerScenarios } from "./answers.ts";
import { bulkScenarios } from "./bulk.ts";
import { bulkFailureScenarios } from "./bulk-failures.ts";
import { bulkIntakeScenarios } from "./bulk-intake.ts";
import { clockScenarios } from "./clock.ts";
import { foldingScenarios } from "./folding.ts";
import { outageScenarios } from "./outages.ts";
import { poisonScenarios } from "./poison.ts";
import { processScenarios } from "./processes.ts";
import { rateScenarios } from "./rates.ts";
import { signInScenarios } from "./sign-in.ts";
import { stormScenarios } from "./storm.ts";
import { throttlingScenarios } from "./throttling.ts";

export const scenarios: readonly Scenario[] = [
  ...processScenarios,
  ...answerScenarios,
  ...poisonScenarios,
  ...foldingScenarios,
  ...throttlingScenarios,
  ...rateScenarios,
  ...signInScenarios,
  ...outageScenarios,
  ...clockScenarios,
  ...bulkIntakeScenarios,
  ...bulkScenarios,
  ...bulkFailureScenarios,
  ...stormScenarios,
];
