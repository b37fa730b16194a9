import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGatewayClient } from "@patchlane/gateway-client";
import { startLocalStack } from "@patchlane/local-stack";
import { type Night, submitCorrected, syncNight } from "./sync-night.ts";

/*
 * The sync against a simulator of Partner Center on this machine: a night, its failures corrected, the same night again, and the
 * next night. Ends with 1 if something is not as it should be, one write too many included.
 */

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const directory = await mkdtemp(join(tmpdir(), "nightly-crm-sync-"));
const stack = await startLocalStack({
  referrals: 200,
  ratePerSecond: 50,
  simulatorArguments: ["--burst", "50"],
  workers: 1,
});
try {
  const night: Night = {
    gateway: createGatewayClient({ url: stack.gatewayUrl }),
    exportFile: fileURLToPath(new URL("../crm-export.csv", import.meta.url)),
    night: "2026-11-21",
    failuresFile: join(directory, "failed.csv"),
    say: (text) => say(`  ${text}`),
  };

  say("The night of 2026-11-21");
  const first = await syncNight(night);
  const inFirstNight = await writesSoFar();

  say("Its failures, corrected by a person");
  const failed = await readFile(night.failuresFile, "utf8");
  const correctedFile = join(directory, "corrected.csv");
  await writeFile(
    correctedFile,
    failed.replaceAll("tbd", "7000").replaceAll("CRM-009999", "CRM-000009"),
  );
  const corrected = await submitCorrected(night, correctedFile);
  const withCorrected = await writesSoFar();

  say("The same night again: the same bulk update, which is over");
  const again = await syncNight(night);

  say("The next night: the export, corrected in the CRM, has nothing new");
  const exported = await readFile(night.exportFile, "utf8");
  const nextExport = join(directory, "next-export.csv");
  await writeFile(
    nextExport,
    exported.replaceAll("tbd", "7000").replaceAll("CRM-009999", "CRM-000009"),
  );
  const next = await syncNight({ ...night, exportFile: nextExport, night: "2026-11-22" });

  const later = (await writesSoFar()) - withCorrected;
  say(
    `Writes: ${inFirstNight} in the first night, ${withCorrected - inFirstNight} for corrected rows, ${later} after that`,
  );
  const isRight =
    first.counts.failed === 2 &&
    corrected.state === "COMPLETED" &&
    again.id === first.id &&
    next.counts.unchanged === next.counts.total &&
    later === 0;
  process.exitCode = isRight ? 0 : 1;
} finally {
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
}

/** PATCH requests the simulator has carried out. */
async function writesSoFar(): Promise<number> {
  const response = await fetch(`${stack.controlUrl}/requests`);
  const { requests } = (await response.json()) as {
    requests: { method: string; status: number }[];
  };
  return requests.filter(({ method, status }) => method === "PATCH" && status === 200).length;
}
