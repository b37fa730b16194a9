import { givenRedisUrl, preferredPort, startLocalStack } from "@patchlane/local-stack";
import pc from "picocolors";
import { Interruption } from "./interruption.ts";

const USUAL_PORT = 4000;
const gatewayPort = await preferredPort(USUAL_PORT);

const interruption = new Interruption();
const redisUrl = givenRedisUrl();
const stack = await startLocalStack({
  ...(redisUrl === undefined ? {} : { redisUrl }),
  // Never the account that a real Redis has its updates in: these workers send to the simulator.
  settings: { ACCOUNT_ID: "dev" },
  gatewayPort,
  simulatorArguments: ["--burst", "2"],
  onLine: (name, line) => {
    if (process.argv.includes("--logs")) {
      process.stdout.write(`${pc.dim(name)} ${line}\n`);
    }
  },
});
process.stdout.write(`${pc.bold("Patchlane is up.")} Ctrl-C stops everything.

  GraphiQL           ${stack.gatewayUrl}
  readiness          ${stack.gatewayUrl.replace("/graphql", "/health/ready")}
  simulated upstream ${stack.upstreamUrl}
  its request log    ${stack.controlUrl}/requests
  its faults         ${stack.controlUrl}/faults   (see apps/simulator/README.md)
  Redis              ${stack.redisUrl}

  Logs of every process: pnpm dev --logs
${gatewayPort === USUAL_PORT ? "" : `\n  Port ${USUAL_PORT} is taken by something else, so the gateway has another one.\n`}`);
interruption.stopsBy(() => stack.stop());
