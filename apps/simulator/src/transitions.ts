/**
 * Status and substatus as the vendor prints them ("Referral resources"): what a status may become,
 * and which substatus is allowed while in it.
 */
export const STATUS_TABLE: Readonly<
  Record<string, { readonly mayBecome: readonly string[]; readonly substatus: readonly string[] }>
> = {
  New: { mayBecome: ["New", "Active", "Closed"], substatus: ["Pending", "Received"] },
  Active: { mayBecome: ["Active", "Closed"], substatus: ["Accepted"] },
  Closed: { mayBecome: ["Closed"], substatus: ["Won", "Lost", "Declined", "Expired"] },
};

/** Why a move is refused, and which field is to blame. */
export interface TransitionProblem {
  readonly target: "/status" | "/substatus";
  readonly message: string;
}

interface Position {
  readonly status: unknown;
  readonly substatus: unknown;
}

/** Checks a move against {@link STATUS_TABLE}. Returns `undefined` when it is allowed. */
export function checkTransition(from: Position, to: Position): TransitionProblem | undefined {
  if (from.status === to.status && from.substatus === to.substatus) return undefined;
  const rules = typeof to.status === "string" ? ruleFor(to.status) : undefined;
  if (rules === undefined) {
    return { target: "/status", message: "The status is not one a referral can be moved to." };
  }
  // A document without a known status (`None`, or none at all) has no documented rule: anything goes.
  const leaving = typeof from.status === "string" ? ruleFor(from.status) : undefined;
  if (leaving !== undefined && !leaving.mayBecome.includes(String(to.status))) {
    return {
      target: "/status",
      message: `A referral in status ${from.status} cannot become ${to.status}.`,
    };
  }
  if (!rules.substatus.includes(String(to.substatus))) {
    return {
      target: "/substatus",
      message: `Substatus ${String(to.substatus)} is not allowed in status ${to.status}; allowed: ${rules.substatus.join(", ")}.`,
    };
  }
  return undefined;
}

function ruleFor(status: string) {
  return Object.hasOwn(STATUS_TABLE, status) ? STATUS_TABLE[status] : undefined;
}
