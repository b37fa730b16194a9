import { type Answer, refuse } from "./answer.ts";
import { normalizeDealValue } from "./apply-patch.ts";
import { checkValues } from "./check-values.ts";
import { stringifyReferral } from "./decimal.ts";
import { hasMemberNamed, isDeeperThan, isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { ReferralStore } from "./referral-store.ts";

/** Required in the body ("Create a referral"). */
const REQUIRED = ["type", "customerProfile", "consent", "details"] as const;
/** Taken from the body when given; everything else is the server's. */
const OPTIONAL = [
  "name",
  "externalReferenceId",
  "qualification",
  "team",
  "inviteContext",
  "target",
] as const;
const MAX_DEPTH = 32;
const EXPIRES_AFTER_MS = 14 * 24 * 60 * 60 * 1000;

/** Answers `POST /engagements/referrals`: 201 with the new referral, which is New/Pending. */
export function createReferral(
  store: ReferralStore,
  body: Json,
  more: { newId: () => string; collectionPath: string },
): Answer {
  if (!isJsonObject(body)) return refuse(400, "The body must be a referral.");
  if (isDeeperThan(body, MAX_DEPTH) || hasMemberNamed(body, "__proto__")) {
    return refuse(400, "The body is not a referral.");
  }
  for (const name of REQUIRED) {
    if (body[name] === undefined || body[name] === null) {
      return refuse(400, `The property ${name} is required.`, { target: name });
    }
  }
  const wrong = checkValues(body, [...REQUIRED, ...OPTIONAL]);
  if (wrong !== undefined) return refuse(400, wrong.message, { target: wrong.target });

  const id = more.newId();
  const engagementId = more.newId();
  const document: JsonObject = {
    id,
    engagementId,
    organizationId: "4f6f8cdf-2a0f-4b60-9a7c-60f0c9a4d1e2",
    organizationName: "Fabrikam Cloud Partners",
    name: null,
    externalReferenceId: null,
    expirationDateTime: new Date(Date.now() + EXPIRES_AFTER_MS).toISOString(),
    acceptedDateTime: null,
    status: "New",
    substatus: "Pending",
    statusReason: null,
    qualification: "Direct",
    direction: "Outgoing",
    team: [],
    inviteContext: null,
    target: [],
    links: {
      relatedReferrals: {
        uri: `${more.collectionPath}?$filter=engagementId eq '${engagementId}'`,
        method: "GET",
      },
      self: { uri: `${more.collectionPath}/${id}`, method: "GET" },
    },
  };
  for (const name of [...REQUIRED, ...OPTIONAL]) {
    if (body[name] !== undefined) document[name] = body[name];
  }
  normalizeDealValue(document);
  const referral = store.create(id, document);
  return {
    status: 201,
    body: stringifyReferral(referral.document),
    etag: referral.etag,
    headers: { location: `${more.collectionPath}/${id}` },
  };
}
