import { isDecimalText } from "./decimal.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { parseMicros } from "./timestamps.ts";

/** A value of the wrong type: where, and what was expected there. */
export interface ValueProblem {
  readonly target: string;
  readonly message: string;
}

type Check = (value: Json | undefined, path: string) => ValueProblem | undefined;

const problem = (target: string, expected: string): ValueProblem => ({
  target,
  message: `The value at ${target} is not valid: expected ${expected}.`,
});

const text: Check = (value, path) =>
  typeof value === "string" ? undefined : problem(path, "a string");

const flag: Check = (value, path) =>
  typeof value === "boolean" ? undefined : problem(path, "true or false");

/** Documented as a decimal, but sent as a string in the vendor's samples: both are taken. */
const decimal: Check = (value, path) =>
  (typeof value === "number" && Number.isFinite(value)) ||
  (typeof value === "string" && isDecimalText(value))
    ? undefined
    : problem(path, "a decimal");

const dateTime: Check = (value, path) =>
  typeof value === "string" && parseMicros(value) !== undefined
    ? undefined
    : problem(path, "a date-time");

const currency: Check = (value, path) =>
  typeof value === "string" && /^[A-Z]{3}$/.test(value)
    ? undefined
    : problem(path, "an ISO 4217 code");

const oneOf =
  (...choices: readonly string[]): Check =>
  (value, path) =>
    typeof value === "string" && choices.includes(value)
      ? undefined
      : problem(path, `one of ${choices.join(", ")}`);

const orNull =
  (check: Check): Check =>
  (value, path) =>
    value === null ? undefined : check(value, path);

const listOf =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return problem(path, "an array");
    for (const [index, item] of value.entries()) {
      const found = check(item, `${path}/${index}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

/** Members that are absent or unknown pass: the vendor adds properties. */
const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (!isJsonObject(value)) return problem(path, "an object");
    for (const [name, check] of Object.entries(members)) {
      if (!Object.hasOwn(value, name)) continue;
      const found = check(value[name], `${path}/${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };

const nullableText = orNull(text);
const tag = shape({ id: text });

const member = shape({
  firstName: nullableText,
  lastName: nullableText,
  phoneNumber: nullableText,
  email: nullableText,
  contactPreference: orNull(shape({ locale: nullableText, disableNotifications: flag })),
});

/** The writable properties and `type`, which creation sets ("Referral resources"). */
const CHECKS: Readonly<Record<string, Check>> = {
  name: nullableText,
  externalReferenceId: nullableText,
  type: oneOf("Independent", "Shared"),
  status: oneOf("None", "New", "Active", "Closed"),
  substatus: oneOf("None", "Pending", "Received", "Accepted", "Won", "Lost", "Declined", "Expired"),
  statusReason: nullableText,
  qualification: oneOf("None", "Direct", "MarketingQualified", "SalesQualified"),
  customerProfile: shape({
    name: nullableText,
    address: orNull(
      shape({
        addressLine1: nullableText,
        addressLine2: nullableText,
        city: nullableText,
        state: nullableText,
        postalCode: nullableText,
        country: nullableText,
        region: nullableText,
      }),
    ),
    size: orNull(
      oneOf(
        "1to9employees",
        "10to50employees",
        "51to250employees",
        "251to1000employees",
        "1001to5000employees",
        "5001to10000employees",
        "10001to20000employees",
        "Morethan20000employees",
        "1to50employees",
        "51to500employees",
        "Morethan500employees",
      ),
    ),
    team: orNull(listOf(member)),
    ids: orNull(listOf(shape({ profileType: oneOf("Duns", "External"), id: text }))),
  }),
  consent: shape({ consentToToShareInfoWithOthers: flag, consentToContact: flag }),
  details: shape({
    notes: nullableText,
    dealValue: orNull(decimal),
    currency: orNull(currency),
    closingDateTime: orNull(dateTime),
    requirements: orNull(
      shape({
        industries: orNull(listOf(tag)),
        products: orNull(listOf(tag)),
        services: orNull(listOf(tag)),
        solutions: orNull(
          listOf(shape({ id: text, name: nullableText, type: oneOf("None", "Category", "Name") })),
        ),
      }),
    ),
  }),
  team: listOf(member),
  inviteContext: orNull(
    shape({
      notes: nullableText,
      invitedBy: orNull(shape({ organizationId: nullableText, organizationName: nullableText })),
    }),
  ),
  target: orNull(
    listOf(shape({ type: oneOf("None", "BusinessProfileLocation", "SolutionProfile"), id: text })),
  ),
};

/** Checks the named top-level properties of a referral. Returns the first wrong value. */
export function checkValues(
  document: JsonObject,
  properties: Iterable<string>,
): ValueProblem | undefined {
  for (const property of properties) {
    const check = Object.hasOwn(CHECKS, property) ? CHECKS[property] : undefined;
    if (check === undefined || !Object.hasOwn(document, property)) continue;
    const found = check(document[property], `/${property}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
