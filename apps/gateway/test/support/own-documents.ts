import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getIntrospectionQuery } from "graphql";
import { EXAMPLE_QUERY } from "../../src/example-query.ts";

const root = join(import.meta.dirname, "../../../..");

/** A document somebody legitimate sends. */
export interface OwnDocument {
  readonly from: string;
  readonly text: string;
}

/** Everything we send ourselves, and tell others to send. */
export function ownDocuments(): OwnDocument[] {
  return [
    ...sentByTheClient(),
    { from: "GraphiQL's example", text: EXAMPLE_QUERY },
    { from: "GraphiQL's introspection", text: INTROSPECTION },
    ...inDocumentation(),
    ...SCREENS,
  ];
}

const INTROSPECTION = getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
});

function sentByTheClient(): OwnDocument[] {
  const file = readFileSync(join(root, "packages/gateway-client/trusted-documents.json"), "utf8");
  return Object.values(JSON.parse(file) as Record<string, string>).map((text) => ({
    from: `gateway-client's ${/\w+ (\w+)/.exec(text)?.[1]}`,
    text,
  }));
}

/** A block of GraphQL, the `query` of a JSON body, or of a URL that curl makes. */
const QUOTED: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/```graphql\n(.*?)```/gs, (text) => text],
  [/"query":\s*("(?:[^"\\]|\\.)*")/g, (text) => JSON.parse(text) as string],
  [/'query=((?:query|mutation|subscription|\{)[^']*)'/g, (text) => text],
];

function inDocumentation(): OwnDocument[] {
  return markdown().flatMap((name) => {
    const page = readFileSync(join(root, name), "utf8");
    return QUOTED.flatMap(([quote, textOf]) =>
      [...page.matchAll(quote)].map(([, text = ""]) => ({ from: name, text: textOf(text) })),
    );
  });
}

function markdown(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
      .map((name) => join(folder, name));
  const readmes = (folder: string): string[] =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "README.md"));
  const all = ["README.md", ...inFolder("docs"), ...readmes("apps"), ...readmes("packages")];
  return all.filter((name) => {
    try {
      return readFileSync(join(root, name)).length > 0;
    } catch {
      return false; // not everything has one
    }
  });
}

const UPDATE = `id referralId state patch { op path value } error { code message path upstreamStatus upstreamCode }
  submittedBy submittedAt finishedAt attempts mergedWith clientRequestId etag rowNumber`;
const REFERRAL = `id etag engagementId organizationId organizationName name externalReferenceId status substatus
  statusReason qualification type direction createdDateTime updatedDateTime expirationDateTime acceptedDateTime
  customerProfile { name size address { addressLine1 city state postalCode country } team { firstName lastName email }
    ids { profileType id } }
  consent { consentToToShareInfoWithOthers consentToContact }
  details { notes dealValue currency closingDateTime requirements { industries { id } products { id } services { id }
    solutions { id name type } } }
  team { firstName lastName phoneNumber email contactPreference { locale disableNotifications } }
  inviteContext { notes invitedBy { organizationId organizationName } }
  target { type id } allowedTransitions { status substatus }`;
const PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount";

/** Screens an app may well have, each asking for everything it could show. */
const SCREENS: readonly OwnDocument[] = [
  {
    from: "a screen of one referral with its updates and audit trail",
    text: `query Referral($id: ID!) { referral(id: $id) { ${REFERRAL} raw
      updates(first: 100) { edges { cursor node { ${UPDATE} } } ${PAGE} }
      auditTrail(first: 100) { nodes { id state patch { op path value } submittedBy finishedAt } ${PAGE} } } }`,
  },
  {
    from: "a screen of a hundred referrals",
    text: `query Referrals($after: String) { referrals(first: 100, after: $after) {
      edges { cursor node { ${REFERRAL} updates(first: 1) { nodes { id state } } } } ${PAGE} } }`,
  },
  {
    from: "a screen of a bulk update with a thousand rows",
    text: `query Rows($id: ID!) { bulkUpdate(id: $id) { id label state counts { total applied failed }
      items(first: 1000) { edges { cursor node { ${UPDATE} } } ${PAGE} } } queue { waiting active paused } }`,
  },
  {
    from: "a screen of a bulk update's first hundred rows with their referrals",
    text: `query Rows($id: ID!) { bulkUpdate(id: $id) { items { nodes { id state
      referral { id name status substatus details { dealValue currency } } } ${PAGE} } } }`,
  },
  {
    from: "a screen of all bulk updates with the first failures of each",
    text: `query Bulks { bulkUpdates(first: 20) { nodes { id label state counts { total failed }
      items(first: 10, state: FAILED) { nodes { id rowNumber error { code message } } } } ${PAGE} } queue { waiting } }`,
  },
  {
    from: "a screen that watches fifty updates by their ids",
    text: `{ ${Array.from({ length: 50 }, (_, n) => `u${n}: referralUpdate(id: "upd_${n}") { ${UPDATE} }`).join("\n")} }`,
  },
  {
    from: "a mutation with fifty rows written out",
    text: `mutation { bulkUpdateReferrals(input: { items: [${Array.from(
      { length: 50 },
      (_, n) =>
        `{ referralId: "r-${n}", changes: { status: Active, details: { dealValue: "10000", notes: "Won" } } }`,
    ).join(
      "\n",
    )}] }) { __typename ... on BulkUpdatePayload { bulkUpdate { id state } } ... on UserError { message } } }`,
  },
  {
    from: "a subscription that shows the first rows as they change",
    text: `subscription ($id: ID!) { bulkUpdateChanged(id: $id) { state counts { total applied failed }
      items(first: 100) { nodes { ${UPDATE} } } } }`,
  },
];
