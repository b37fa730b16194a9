import type { Referral } from "@patchlane/referral-patch";
import { etagText, referralText } from "../upstream/referral.ts";

/** One way a referral comes to differ from what it was. */
export interface Edit {
  readonly name: string;
  /** Changes the copy it is given; `n` makes the new values of every pair its own. */
  change(referral: Referral, n: number): void;
}

/** A referral before and after an edit, each parsed from text of its own: no part of one is the other's. */
export type Pair = readonly [before: Referral, after: Referral];

const set = (target: object | null | undefined, values: object): unknown =>
  Object.assign(target ?? {}, values);
const person = (n: number) => ({
  firstName: "Jane",
  lastName: `Doe${n}`,
  phoneNumber: "0000000099",
  email: `jane.doe${n}@partner.example`,
  contactPreference: { locale: "en-us", disableNotifications: false },
});

/** What changes outside lists, or nothing. */
export const FIELD_EDITS: readonly Edit[] = [
  { name: "nothing", change: () => {} },
  {
    name: "read again later: new ETag and date only",
    change: (referral, n) =>
      set(referral, { eTag: etagText(n + 7), updatedDateTime: "2026-02-03T04:05:06.000Z" }),
  },
  {
    name: "money in another spelling",
    change: ({ details }) => set(details, { dealValue: "50000.00" }),
  },
  { name: "one field", change: ({ details }, n) => set(details, { notes: `Call back ${n}` }) },
  {
    name: "status and substatus",
    change: (referral) => set(referral, { status: "Active", substatus: "Accepted" }),
  },
  {
    name: "eight fields, five of them nested",
    change: (referral, n) => {
      set(referral, { name: `Renewal ${n}`, status: "Active", substatus: "Accepted" });
      set(referral.details, { dealValue: `${60_000 + n}.50`, notes: `Call back ${n}` });
      set(referral.details, { closingDateTime: "2027-03-31T00:00:00Z" });
      set(referral.customerProfile?.address, { city: `Exampletown ${n}` });
      set(referral.inviteContext, { notes: `Shall we, ${n}?` });
    },
  },
];

/** What changes in lists. */
export const LIST_EDITS: readonly Edit[] = [
  { name: "a person's phone number", change: ({ team }) => set(team?.[1], { phoneNumber: "12" }) },
  { name: "a person joins at the end", change: ({ team }, n) => team?.push(person(n)) },
  { name: "a person joins at the start", change: ({ team }, n) => team?.unshift(person(n)) },
  {
    name: "a person joins in the middle, another's name changes",
    change: ({ team }, n) => {
      set(team?.[2], { lastName: `Renamed${n}` });
      team?.splice(1, 0, person(n));
    },
  },
  { name: "the first person leaves", change: ({ team }) => team?.shift() },
  { name: "the team in another order", change: ({ team }) => team?.reverse() },
  {
    name: "two tags are added",
    change: ({ details }, n) => {
      details?.requirements?.products?.unshift({ id: `Product${n}` });
      details?.requirements?.solutions?.push({ id: `S${n}`, name: "Sales", type: "Name" });
    },
  },
  { name: "the first tag goes", change: ({ details }) => details?.requirements?.products?.shift() },
];

export const EDITS: readonly Edit[] = [...FIELD_EDITS, ...LIST_EDITS];

const parsed = (value: unknown): Referral => JSON.parse(JSON.stringify(value)) as Referral;

export function pairsOf({ change }: Edit, count: number): Pair[] {
  return Array.from({ length: count }, (_, n) => {
    const before = JSON.parse(referralText(`referral-${n}`, n)) as Referral;
    const after = parsed(before);
    change(after, n);
    return [before, parsed(after)];
  });
}
