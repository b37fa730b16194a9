import { createHash } from "node:crypto";
import { z } from "zod";
import { callerError } from "../errors.ts";

/** Where a referral stood in a list when it was read. */
export interface Place {
  /** Referrals before it. */
  readonly offset: number;
  readonly id: string;
  /** What the list is ordered by, as the upstream wrote it; null when it had none. */
  readonly value: string | null;
}

const CHECK_LENGTH = 16;
/** Longer than any we give out. */
const MAX_LENGTH = 2_000;
const BASE64URL = /^[\w-]+$/;
const PLACE = z.tuple([z.int().nonnegative(), z.string(), z.string().nullable()]);

/**
 * The cursor of a place in the list that `list` names (its filter and order). It begins with a check, so that one of another list, or
 * one that was changed, is noticed. There is no secret in it: who makes one up gets a place in a list that is theirs to read.
 */
export function cursorOf(list: string, { offset, id, value }: Place): string {
  const place = JSON.stringify([offset, id, value]);
  return checkOf(list, place) + Buffer.from(place).toString("base64url");
}

/** Reads a cursor of that list. Throws BAD_USER_INPUT for anything else. */
export function readCursor(list: string, cursor: string): Place {
  const isShort = cursor.length <= MAX_LENGTH && BASE64URL.test(cursor);
  const encoded = isShort ? cursor.slice(CHECK_LENGTH) : "";
  const text = Buffer.from(encoded, "base64url").toString("utf8");
  const isOurs =
    Buffer.from(text).toString("base64url") === encoded &&
    checkOf(list, text) === cursor.slice(0, CHECK_LENGTH);
  const place = isOurs ? PLACE.safeParse(parsed(text)) : undefined;
  if (place?.success !== true) {
    throw callerError(
      "BAD_USER_INPUT",
      "after must be a cursor of this list: same filter, status and orderBy",
    );
  }
  const [offset, id, value] = place.data;
  return { offset, id, value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkOf(list: string, place: string): string {
  const hash = createHash("sha256").update(list).update("\0").update(place);
  return hash.digest("base64url").slice(0, CHECK_LENGTH);
}
