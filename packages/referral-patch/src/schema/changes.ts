import * as z from "zod";
import { email } from "./leaves.ts";
import { memberSchema, writableSchema } from "./writable.ts";

/** A person named in `team.add` or `team.update`: the e-mail is the key and therefore required. */
const namedMember = memberSchema.extend({ email });

/**
 * What a caller wants to be true, as a strict zod schema: an absent field is left alone, `null` is
 * sent as null, an unknown field is an issue. Use {@link parseReferralChanges} for untrusted input;
 * the schema alone does not bound its size.
 */
export const referralChangesSchema = writableSchema.omit({ team: true, target: true }).extend({
  team: z
    .strictObject({
      add: z.array(namedMember).optional(),
      update: z.array(namedMember).optional(),
    })
    .optional(),
});

/** What a caller wants to be true: an absent field is left alone, `null` is sent as null. */
export type ReferralChanges = z.infer<typeof referralChangesSchema>;

/** A person of a team as callers and the vendor write it. */
export type Member = z.infer<typeof memberSchema>;
