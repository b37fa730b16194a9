import { startLocalStack } from "@patchlane/local-stack";
import pc from "picocolors";

const stack = await startLocalStack({
  gatewayPort: 4000,
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
`);
let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (!isStopping) {
      isStopping = true;
      process.stdout.write("\nStopping …\n");
      void stack.stop().then(() => process.exit(0));
    }
  });
}
