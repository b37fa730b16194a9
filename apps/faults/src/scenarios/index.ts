import type { Scenario } from "../scenario.ts";
import { answerScenarios } from "./answers.ts";
import { processScenarios } from "./processes.ts";
import { throttlingScenarios } from "./throttling.ts";

export const scenarios: readonly Scenario[] = [
  ...processScenarios,
  ...answerScenarios,
  ...throttlingScenarios,
];
