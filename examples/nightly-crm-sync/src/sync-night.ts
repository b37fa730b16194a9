import { createReadStream, createWriteStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { pipeline as piped } from "node:stream/promises";
import type { BulkUpdate, GatewayClient, UploadBody } from "@patchlane/gateway-client";
import { parse } from "csv-parse";
import { stringify } from "csv-stringify";
import { type CrmRecord, toUploadRow, uploadColumns } from "./crm-columns.ts";

export interface Night {
  readonly gateway: GatewayClient;
  /** What the CRM exported. */
  readonly exportFile: string;
  /** The date: a sync that is started twice in one night is one sync. */
  readonly night: string;
  /** Where rows that failed are written, to be corrected and handed to {@link submitCorrected}. */
  readonly failuresFile: string;
  readonly say: (text: string) => void;
}

/** Brings the referrals to what the CRM says. After any trouble, run it again: it is still the same sync. */
export function syncNight(night: Night): Promise<BulkUpdate> {
  return submit(night, `crm-sync-${night.night}`, () => uploadRows(night.exportFile));
}

/** Hands in the failures of a night once somebody has corrected them; the file is taken as it is. */
export function submitCorrected(night: Night, correctedFile: string): Promise<BulkUpdate> {
  const rows = () => createReadStream(correctedFile);
  return submit(night, `crm-sync-${night.night}-corrected`, rows);
}

async function submit(
  { gateway, failuresFile, say }: Night,
  name: string,
  rows: () => UploadBody,
): Promise<BulkUpdate> {
  const upload = await gateway.uploadBulkUpdate({
    body: rows,
    format: "csv",
    label: name,
    // With the key, neither a lost connection nor a second start makes a second bulk update.
    idempotencyKey: name,
  });
  if (upload.kind === "refused") {
    throw new Error(`the upload was refused: ${upload.message}`);
  }
  const bulkUpdate = await untilOver(gateway, upload.id, say);
  if (bulkUpdate.counts.failed > 0) {
    const failed = await gateway.bulkUpdateResults(bulkUpdate.id, { state: "FAILED" });
    await piped(failed ?? [], createWriteStream(failuresFile));
    say(`the rows to correct are in ${failuresFile}`);
  }
  return bulkUpdate;
}

async function untilOver(
  gateway: GatewayClient,
  id: string,
  say: (text: string) => void,
): Promise<BulkUpdate> {
  let latest: BulkUpdate | undefined;
  for await (latest of gateway.watchBulkUpdate(id)) {
    const { total, applied, unchanged, failed } = latest.counts;
    say(
      `${latest.state} ${total} rows: ${applied} applied, ${unchanged} unchanged, ${failed} failed`,
    );
  }
  if (latest === undefined) {
    throw new Error(`nothing was heard of ${id}`);
  }
  return latest;
}

/** The export in the gateway's columns, row by row: a file of any size passes through. */
function uploadRows(exportFile: string): Readable {
  return pipeline(
    createReadStream(exportFile),
    parse({ columns: true, bom: true }),
    async function* (records: AsyncIterable<CrmRecord>) {
      for await (const record of records) {
        yield toUploadRow(record);
      }
    },
    stringify({ header: true, columns: [...uploadColumns] }),
    () => {}, // whoever reads the rows is told of errors
  );
}
