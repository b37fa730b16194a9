/** One way from a caller to the upstream. */
export interface Contender {
  /** Asks for one change; resolves when it is answered. `isWaited`: not before the change is applied, where that can be asked for. */
  change(referralId: string, n: number, isWaited: boolean): Promise<void>;
}

/** A contender that can have a backlog of changes nobody waits for. */
export interface BacklogContender extends Contender {
  /** Resolves when `rows` changes of other referrals are queued and being made. */
  fill(rows: number): Promise<void>;
  /** Takes back what is left of them. */
  empty(): Promise<void>;
}

/** The change everybody makes: two fields. */
export function changesOf(n: number) {
  return { name: `Renewal ${n}`, details: { notes: `Budget confirmed by phone, call ${n}` } };
}

/** The same as the PATCH that reaches the upstream. */
export function patchOf(n: number) {
  const { name, details } = changesOf(n);
  return [
    { op: "replace", path: "/name", value: name },
    { op: "replace", path: "/details/notes", value: details.notes },
  ];
}
