import { changesOf, type Effect, POISON } from "../load.ts";
import type { Random } from "../random.ts";
import type { UpstreamReferral } from "../upstream.ts";

/** What one bulk update consists of. */
export interface BulkLoad {
  /** Bulk updates handed in one after the other; default 1. */
  readonly updates?: number;
  /** Whose rows they are; default 400. */
  readonly referrals?: number;
  /** Each bulk update has referrals of its own; default only with external ids. */
  readonly isApart?: boolean;
  /** Single updates are submitted for some of the same referrals, once all bulk updates are accepted; default for others. */
  readonly isShared?: boolean;
  /** Of each; default 600. */
  readonly rows?: number;
  /** Share of rows that say what already is so; default 0.3. */
  readonly thereShare?: number;
  /** Share of rows, among the others, that add a person; default 0.3. */
  readonly appendShare?: number;
  /**
   * Share of rows that name their referral by its external id; default 0. They take their places when they are resolved, so each bulk
   * update then has referrals of its own.
   */
  readonly externalShare?: number;
  /** Share of rows the upstream refuses; default 0. */
  readonly poisonShare?: number;
  /** Default ndjson. */
  readonly format?: BulkFormat;
  /** ms an upload takes, at least; default as fast as it goes. */
  readonly uploadMs?: number;
  /** A lost upload is repeated under the same idempotency key; default true. Without, as one of its own. */
  readonly hasKey?: boolean;
  /** Somebody wants to be called back; default false. */
  readonly hasCallback?: boolean;
  /** Rows put in front of those that are drawn. */
  readonly special?: (referrals: readonly UpstreamReferral[]) => readonly PlannedRow[];
}

export type BulkFormat = "ndjson" | "csv";

/** One row, and what must come of it. */
export interface PlannedRow {
  /** A `BulkItemInput`, or the text of a line that is none. */
  readonly item: Readonly<Record<string, unknown>> | string;
  /** Whose lane it takes its place in; absent when it finds none. */
  readonly referralId?: string;
  /** Whom it finds when it is sent again, behind all other rows; nobody else's rows are for that referral. */
  readonly laterFinds?: string;
  /** What it does there. */
  readonly effect?: Effect;
  /** The code it must fail with. */
  readonly failsWith?: string;
}

const SECOND_FIELD_SHARE = 0.3;

/** The rows of one bulk update; `name` makes its values its own. */
export function planRows(
  name: string,
  random: Random,
  referrals: readonly UpstreamReferral[],
  load: BulkLoad,
): PlannedRow[] {
  const { rows = 600, thereShare = 0.3, appendShare = 0.3, externalShare = 0 } = load;
  const special = load.special?.(referrals) ?? [];
  // Their referrals are theirs alone: what is done to them must not reach other rows.
  const taken = new Set(special.flatMap(({ referralId, laterFinds }) => [referralId, laterFinds]));
  const free = referrals.filter(({ id }) => !taken.has(id));
  const drawn = Array.from({ length: Math.max(rows - special.length, 0) }, (_, n): PlannedRow => {
    const referral = random.pick(free);
    const isThere = random.next() < thereShare;
    const isAppend = random.next() < appendShare;
    const isSecondField = random.next() < SECOND_FIELD_SHARE;
    const isPoison = !isThere && random.next() < (load.poisonShare ?? 0);
    const isExternal = random.next() < externalShare;
    const token = `${isPoison ? POISON : "row"}-${name}-${n}`;
    const field = isAppend ? "team" : isSecondField ? "statusReason" : "notes";
    const effect: Effect = isThere
      ? { field: "name", token: referral.name ?? "", isPoison, isThere }
      : { field, token: isAppend ? `${token}@fault.example` : token, isPoison };
    const address = isExternal
      ? { externalReferenceId: referral.externalReferenceId }
      : { referralId: referral.id };
    return {
      item: { ...address, changes: changesOf(effect) },
      referralId: referral.id,
      effect,
      ...(isPoison ? { failsWith: "INVALID_CHANGE" } : {}),
    };
  });
  return [...special, ...drawn];
}

/** The text of an upload, line by line, line ends included. */
export function* linesOf(rows: readonly PlannedRow[], format: BulkFormat): Generator<string> {
  if (format === "ndjson") {
    for (const { item } of rows) {
      yield `${typeof item === "string" ? item : JSON.stringify(item)}\n`;
    }
    return;
  }
  yield `${CSV_COLUMNS.join(",")}\r\n`;
  for (const { item } of rows) {
    const cells = typeof item === "string" ? [item] : CSV_COLUMNS.map((name) => cellOf(item, name));
    yield `${cells.map(quoted).join(",")}\r\n`;
  }
}

const CSV_COLUMNS = [
  "referralId",
  "externalReferenceId",
  "name",
  "details.notes",
  "statusReason",
  "team.add",
] as const;

function cellOf(
  item: Readonly<Record<string, unknown>>,
  column: (typeof CSV_COLUMNS)[number],
): string {
  const { changes, ...address } = item;
  const found = column
    .split(".")
    .reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name], {
      ...address,
      ...(changes as object),
    });
  return found === undefined ? "" : typeof found === "string" ? found : JSON.stringify(found);
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
