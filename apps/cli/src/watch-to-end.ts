import { type BulkUpdate, isBulkUpdateOver } from "@patchlane/gateway-client";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { CommandFailure } from "./failure.ts";
import { Interrupted } from "./interruption.ts";
import { describeBulkUpdate, nextSteps } from "./output/describe-bulk-update.ts";
import { watchView } from "./output/watch-view.ts";

/** Shows a bulk update until it is over, and then what came of it. Throws a failure when there is none, or the gateway stays away. */
export async function watchToEnd(context: Context, id: string): Promise<ExitCode> {
  const { gateway, printer, now } = context;
  let latest = await knownBulkUpdate(context, id);
  const view = watchView(printer, now);
  try {
    view.show(latest);
    if (!isBulkUpdateOver(latest)) {
      const onInterrupted = (): void => view.interrupted();
      for await (latest of gateway.watchBulkUpdate(id, { signal: context.signal, onInterrupted })) {
        view.show(latest);
        await printer.drained();
      }
    }
  } catch (error) {
    view.end();
    const isOurs = error instanceof Interrupted;
    printer.note(`${isOurs ? "" : "Not watching any more. "}${id} goes on without this command.`);
    printer.note(`To watch it again:  patchlane bulk watch ${id}`);
    throw error;
  }
  view.end();
  for (const line of [...describeBulkUpdate(latest), ...nextSteps(latest)]) {
    printer.line(line);
  }
  return outcomeOf(latest);
}

/** The bulk update with this id. Throws a failure when there is none. */
export async function knownBulkUpdate({ gateway }: Context, id: string): Promise<BulkUpdate> {
  const bulkUpdate = await gateway.bulkUpdate(id);
  if (bulkUpdate === undefined) {
    throw noSuchBulkUpdate(id);
  }
  return bulkUpdate;
}

export function noSuchBulkUpdate(id: string): CommandFailure {
  return new CommandFailure(exitCodes.notFound, "NOT_FOUND", `there is no bulk update ${id}`, {
    hint: "Its retention may be over. See patchlane bulk list.",
    details: { id },
  });
}

/** How a bulk update that is over went, for scripts. */
export function outcomeOf({ counts }: BulkUpdate): ExitCode {
  return counts.failed + counts.cancelled > 0 ? exitCodes.notAllDone : exitCodes.ok;
}
