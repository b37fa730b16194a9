/** What a caller may do; each role may do what the ones before it may. */
export type Role = "reader" | "user" | "admin";

/** Weakest first. */
export const ROLES: readonly Role[] = ["reader", "user", "admin"];

/** Who is calling. */
export interface Caller {
  /** The token's subject. Stands in `submittedBy` and the audit. */
  readonly subject: string;
  readonly role: Role;
  /** Unix ms after which its token is no longer good; absent without tokens. */
  readonly expiresAt?: number;
}

/** Whether a caller's role is, or includes, the one that is needed. */
export function hasRole({ role }: Pick<Caller, "role">, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether a caller may see what somebody submitted: its own, and an administrator everything. */
export function maySee(caller: Caller, submitted: { readonly submittedBy: string }): boolean {
  return hasRole(caller, "admin") || submitted.submittedBy === caller.subject;
}
