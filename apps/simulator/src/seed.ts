import type { JsonObject } from "./json.ts";
import { createRandom, pick, type Random, randomGuid } from "./random.ts";
import { formatMicros, type Micros } from "./timestamps.ts";

/** A generated referral with what the store sorts by. */
export interface SeedReferral {
  readonly document: JsonObject;
  readonly createdMicros: Micros;
  readonly updatedMicros: Micros;
}

/** What decides the referrals there are at first. */
export interface SeedOptions {
  readonly seed: number;
  /** How many. */
  readonly referrals: number;
  readonly basePath: string;
  /** What every `externalReferenceId` begins with, a number follows; `none`: they are null. */
  readonly externalIds: string;
}

/** The id of the vendor's example referral; always the first one. */
export const EXAMPLE_REFERRAL_ID = "61c65491-2f2c-461a-84b4-3654499bc1d9";

/** The partner organization everything belongs to. */
const ORGANIZATION = {
  organizationId: "4f6f8cdf-2a0f-4b60-9a7c-60f0c9a4d1e2",
  organizationName: "Fabrikam Cloud Partners",
};

/** Parts without personal data are shared by all documents; stored documents are never changed. */
const CONTACT_PREFERENCE = { locale: "en-us", disableNotifications: false };
const INVITATION = { notes: "Please join this deal.", invitedBy: ORGANIZATION };

/** Created times start here, so that the same seed gives the same documents at any time. */
const EPOCH_MICROS: Micros = Date.UTC(2026, 0, 5, 8) * 1000;
const MINUTE_MICROS = 60_000_000;
/** All creation times fall into this span, so that none lies ahead of the writes to come. */
const SPAN_MICROS = 90 * 24 * 60 * MINUTE_MICROS;

const FIRST_NAMES = ["Ada", "Bruno", "Chiara", "Dmitri", "Esra", "Femi", "Greta", "Hugo", "Imani"];
const LAST_NAMES = [
  "Almeida",
  "Berg",
  "Castellano",
  "Dahl",
  "Eriksen",
  "Fontaine",
  "Grau",
  "O'Neil",
];
const COMPANIES = ["Northwind", "Tailspin", "Wingtip", "Litware", "Adatum", "Proseware", "Lucerne"];
const TRADES = ["Traders", "Toys", "Logistics", "Insurance", "Foods", "Health", "Robotics"];
const PLACES = [
  { city: "Redmond", state: "WA", postalCode: "98052", country: "US" },
  { city: "Austin", state: "TX", postalCode: "73301", country: "US" },
  { city: "Berlin", state: "BE", postalCode: "10115", country: "DE" },
  { city: "Lyon", state: "ARA", postalCode: "69001", country: "FR" },
  { city: "Leeds", state: "ENG", postalCode: "LS1 4AP", country: "GB" },
];
const SIZES = ["1to9employees", "10to50employees", "51to250employees", "251to1000employees"];
const CURRENCIES = ["USD", "USD", "EUR", "GBP"];
const QUALIFICATIONS = ["Direct", "MarketingQualified", "SalesQualified", "SalesQualified"];
const POSITIONS = [
  ...Array.from({ length: 9 }, () => ["New", "Pending"] as const),
  ...Array.from({ length: 2 }, () => ["New", "Received"] as const),
  ...Array.from({ length: 7 }, () => ["Active", "Accepted"] as const),
  ["Closed", "Won"] as const,
  ["Closed", "Lost"] as const,
];

/**
 * The referrals of a seed: the vendor's example first, then invented ones. All
 * people and companies are made up. The same arguments give the same documents.
 */
export function* seedReferrals(options: SeedOptions): Generator<SeedReferral, void> {
  const { seed, referrals, basePath, externalIds } = options;
  const random = createRandom(seed);
  const stepMicros = Math.floor(Math.min(MINUTE_MICROS, SPAN_MICROS / referrals));
  for (let index = 0; index < referrals; index += 1) {
    const externalId = externalReferenceId(externalIds, index);
    yield index === 0
      ? exampleReferral(basePath, externalId)
      : inventedReferral(random, index, stepMicros, basePath, externalId);
  }
}

function exampleReferral(basePath: string, externalId: string | null): SeedReferral {
  const engagementId = "cc8eb7ae-6d4e-4b5e-9f41-2f2b8f1f9e10";
  const createdMicros = EPOCH_MICROS;
  return {
    createdMicros,
    updatedMicros: createdMicros,
    document: {
      id: EXAMPLE_REFERRAL_ID,
      engagementId,
      ...ORGANIZATION,
      name: "Field service roll-out",
      externalReferenceId: externalId,
      createdDateTime: formatMicros(createdMicros),
      updatedDateTime: formatMicros(createdMicros),
      expirationDateTime: dayAfter(createdMicros, 14),
      acceptedDateTime: null,
      status: "New",
      substatus: "Pending",
      statusReason: null,
      qualification: "SalesQualified",
      type: "Independent",
      direction: "Incoming",
      eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"',
      customerProfile: {
        name: "Contoso Customer Inc",
        address: {
          addressLine1: "One Microsoft Way",
          addressLine2: "",
          city: "Redmond",
          state: "WA",
          postalCode: "98052",
          country: "US",
        },
        size: "10to50employees",
        team: [
          member("Mira", "Solberg", "customer.example", 1),
          member("Tomas", "Arden", "customer.example", 2),
        ],
        ids: [{ profileType: "External", id: "C-0001" }],
      },
      consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
      details: {
        notes: "Evaluating a field service roll-out.",
        dealValue: 50000,
        currency: "USD",
        closingDateTime: "2026-12-31T00:00:00.0000000Z",
        requirements: {
          industries: [],
          products: [{ id: "Dynamics365Enterprise" }],
          services: [{ id: "DeploymentOrMigration" }],
          solutions: [
            {
              id: "Dynamics365forFieldService",
              name: "Dynamics 365 for Field Service",
              type: "Category",
            },
          ],
        },
      },
      team: [member("Paula", "Lindt", "partner.example", 3)],
      inviteContext: null,
      target: [],
      links: links(EXAMPLE_REFERRAL_ID, engagementId, basePath),
    },
  };
}

function inventedReferral(
  random: Random,
  index: number,
  stepMicros: Micros,
  basePath: string,
  externalId: string | null,
): SeedReferral {
  const id = randomGuid(random);
  const engagementId = randomGuid(random);
  const [status, substatus] = pick(random, POSITIONS);
  const createdMicros = EPOCH_MICROS + index * stepMicros + Math.floor(random() * stepMicros);
  const updatedMicros = createdMicros + Math.floor(random() * 30 * MINUTE_MICROS);
  const updatedDateTime = formatMicros(updatedMicros);
  const company = `${pick(random, COMPANIES)} ${pick(random, TRADES)}`;
  const document: JsonObject = {
    id,
    engagementId,
    ...ORGANIZATION,
    name: `${company} ${index}`,
    externalReferenceId: externalId,
    createdDateTime: formatMicros(createdMicros),
    updatedDateTime,
    expirationDateTime: dayAfter(createdMicros, 14),
    acceptedDateTime: status === "Active" ? updatedDateTime : null,
    status,
    substatus,
    qualification: pick(random, QUALIFICATIONS),
    type: random() < 0.8 ? "Independent" : "Shared",
    direction: random() < 0.7 ? "Incoming" : "Outgoing",
    eTag: seedETag(index, updatedMicros),
    customerProfile: {
      name: company,
      address: {
        addressLine1: `${1 + (index % 90)} Main Street`,
        addressLine2: null,
        ...pick(random, PLACES),
      },
      size: pick(random, SIZES),
      team: people(random, "customer.example", 1 + Math.floor(random() * 2)),
      ids: [{ profileType: "External", id: `C-${index}` }],
    },
    consent: { consentToToShareInfoWithOthers: true, consentToContact: random() < 0.9 },
    details: {
      notes: random() < 0.85 ? `First contact ${index}` : null,
      dealValue: Math.floor(random() * 400) * 250 + (index % 4 === 0 ? 0.5 : 0),
      currency: pick(random, CURRENCIES),
      closingDateTime: dayAfter(createdMicros, 30 + Math.floor(random() * 150)),
      requirements: {
        industries: random() < 0.5 ? [{ id: "Manufacturing" }] : [],
        products: [{ id: random() < 0.5 ? "Dynamics365Enterprise" : "Azure" }],
        services: [{ id: "DeploymentOrMigration" }],
        solutions: [],
      },
    },
    team: people(random, "partner.example", Math.floor(random() * 4)),
    target: [],
    links: links(id, engagementId, basePath),
  };
  // Some documents lack what others have as null, and some have what no document describes.
  if (random() < 0.9) {
    document.statusReason = substatus === "Lost" ? "Budget moved to next year" : null;
  }
  if (random() < 0.9) document.inviteContext = random() < 0.2 ? INVITATION : null;
  if (random() < 0.1) document.insights = { score: Math.floor(random() * 100), model: "preview" };
  return { document, createdMicros, updatedMicros };
}

const DAY_MICROS = 24 * 60 * MINUTE_MICROS;
const dayTexts = new Map<number, string>();

/** Midnight some days later; the few distinct texts are shared by all documents. */
function dayAfter(micros: Micros, days: number): string {
  const day = Math.floor(micros / DAY_MICROS) + days;
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = formatMicros(day * DAY_MICROS);
    dayTexts.set(day, text);
  }
  return text;
}

function people(random: Random, domain: string, count: number) {
  return Array.from({ length: count }, (_, index) =>
    member(
      pick(random, FIRST_NAMES),
      pick(random, LAST_NAMES),
      domain,
      1 + index + Math.floor(random() * 9000) * 10,
    ),
  );
}

/** `number` makes the address unique within a team. */
function member(firstName: string, lastName: string, domain: string, number: number) {
  const local = `${firstName}.${lastName}`.toLowerCase().replace("'", "");
  return {
    firstName,
    lastName,
    phoneNumber: `555${String(number).padStart(7, "0")}`,
    email: `${local}.${number}@${domain}`,
    contactPreference: CONTACT_PREFERENCE,
  };
}

/** Links are relative, so that following one can never lead to the real service. */
function links(id: string, engagementId: string, basePath: string) {
  const base = `${basePath}/engagements/referrals`;
  return {
    relatedReferrals: { uri: `${base}?$filter=engagementId eq '${engagementId}'`, method: "GET" },
    self: { uri: `${base}/${id}`, method: "GET" },
  };
}

function externalReferenceId(prefix: string, index: number): string | null {
  return prefix === "none" ? null : `${prefix}${String(index + 1).padStart(6, "0")}`;
}

function seedETag(index: number, updatedMicros: Micros): string {
  const seconds = Math.floor(updatedMicros / 1_000_000)
    .toString(16)
    .padStart(8, "0");
  return `"${(0x26000000 + index).toString(16)}-0000-0000-0000-${seconds}0000"`;
}
