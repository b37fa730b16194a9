const times = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join(" ");

const UPDATE =
  "mutation ($input: UpdateReferralInput!) { updateReferral(input: $input) { __typename } }";
const BULK =
  "mutation ($input: BulkUpdateReferralsInput!) { bulkUpdateReferrals(input: $input) { __typename } }";

/** A request body nobody legitimate sends, and how it is refused. */
export interface Hostile {
  readonly name: string;
  readonly body: string;
  readonly status?: number;
  readonly code: string;
}

const query = (name: string, code: string, text: string, variables?: unknown): Hostile => ({
  name,
  body: JSON.stringify({ query: text, variables }),
  code,
});

/** Documents that are refused before they are validated. */
export const HOSTILE_DOCUMENTS: readonly Hostile[] = [
  query("fields 10,000 deep", "QUERY_TOO_DEEP", `${"{a".repeat(10_000)}${"}".repeat(10_000)}`),
  query("fields 10,000 deep and no end", "QUERY_TOO_DEEP", "{a".repeat(10_000)),
  query("lists 10,000 deep", "QUERY_TOO_DEEP", `{a(b:${"[".repeat(10_000)}`),
  query("objects 10,000 deep", "QUERY_TOO_DEEP", `{a(b:${"{a:".repeat(10_000)}`),
  query("a type 10,000 deep", "QUERY_TOO_DEEP", `query($a:${"[".repeat(10_000)}`),
  query("inline fragments 10,000 deep", "QUERY_TOO_DEEP", `{${"...{".repeat(10_000)}`),
  query(
    "1,000 aliases",
    "QUERY_TOO_COMPLEX",
    `{ queue { ${times(1_000, (n) => `a${n}: waiting`)} } }`,
  ),
  query(
    "10,000 aliases",
    "QUERY_TOO_LONG",
    `{ ${times(10_000, (n) => `a${n}: queue { waiting }`)} }`,
  ),
  query(
    "500 directives",
    "QUERY_TOO_COMPLEX",
    `{ queue ${"@skip(if:true) ".repeat(500)} { waiting } }`,
  ),
  query("10,000 directives", "QUERY_TOO_LONG", `{ queue ${"@a ".repeat(10_000)} { waiting } }`),
  query(
    "500 fragments",
    "QUERY_TOO_COMPLEX",
    `{ a } ${times(500, (n) => `fragment F${n} on Q{a}`)}`,
  ),
  query(
    "1,000 spreads",
    "QUERY_TOO_COMPLEX",
    `{ ${"...F ".repeat(1_000)} } fragment F on Query { a }`,
  ),
  query("a fragment in itself", "QUERY_TOO_DEEP", "{ ...A } fragment A on Query { ...A }"),
  query(
    "fragments in a circle",
    "QUERY_TOO_DEEP",
    `{ ...F0 } ${times(40, (n) => `fragment F${n} on Query { ...F${(n + 1) % 40} }`)}`,
  ),
  query(
    "fragments that double 15 times",
    "QUERY_TOO_COMPLEX",
    `{ ...F0 } ${times(15, (n) => `fragment F${n} on Q { a { ...F${n + 1} } b { ...F${n + 1} } }`)} fragment F15 on Q {c}`,
  ),
  query("one field 2,000 times", "QUERY_TOO_COMPLEX", `{ queue { ${"waiting ".repeat(2_000)} } }`),
  query(
    "one field with 500 arguments",
    "QUERY_TOO_COMPLEX",
    `{ ${times(500, (n) => `referral(id:${n}){id}`)} }`,
  ),
  query(
    "400 mutations",
    "QUERY_TOO_COMPLEX",
    `mutation { ${times(400, (n) => `m${n}: a(id:1){b}`)} }`,
  ),
  query("50,000 comments", "QUERY_TOO_LONG", `${"#\n".repeat(50_000)}{ queue { waiting } }`),
  query("900,000 blanks", "QUERY_TOO_LONG", "{ queue { waiting } }".padEnd(900_000)),
  query("a name of 900,000 letters", "QUERY_TOO_LONG", `{ ${"a".repeat(900_000)} }`),
  query(
    "a schema of 1,000 types",
    "QUERY_TOO_LONG",
    times(1_000, (n) => `type T${n}{a:Int}`),
  ),
  query(
    "the schema 20 times",
    "QUERY_TOO_COMPLEX",
    `{ ${times(20, (n) => `s${n}:__schema{types{name}}`)} }`,
  ),
  query(
    "a million rows",
    "QUERY_TOO_COMPLEX",
    "{ bulkUpdates(first: 100) { nodes { items(first: 1000) { nodes { id } } } } }",
  ),
  query(
    "a million rows by variables",
    "QUERY_TOO_COMPLEX",
    "query ($n: Int) { bulkUpdates(first: $n) { nodes { items(first: $n) { nodes { id } } } } }",
    { n: 1e300 },
  ),
  query(
    "a thousand reads upstream",
    "QUERY_TOO_COMPLEX",
    '{ bulkUpdate(id: "b") { items(first: 1000) { nodes { referral { id } } } } }',
  ),
  query(
    "a hundred reads upstream with every event",
    "QUERY_TOO_COMPLEX",
    'subscription { bulkUpdateChanged(id: "b") { items(first: 100) { nodes { referral { id } } } } }',
  ),
];

/** Requests that are refused before anything is parsed. */
export const HOSTILE_BODIES: readonly Hostile[] = [
  {
    name: "a batch of 1,000",
    body: JSON.stringify(Array(1_000).fill({ query: "{ queue { waiting } }" })),
    code: "BAD_REQUEST",
  },
  { name: "an empty batch", body: "[]", code: "BAD_REQUEST" },
  {
    name: "JSON 400,000 deep",
    body: `{"query":"${UPDATE}","variables":{"input":${"[".repeat(400_000)}${"]".repeat(400_000)}}}`,
    code: "VARIABLES_TOO_COMPLEX",
  },
  {
    name: "JSON 100,000 deep that does not end",
    body: `{"query":"${UPDATE}","variables":${'{"a":'.repeat(100_000)}`,
    code: "VARIABLES_TOO_COMPLEX",
  },
  {
    name: "400,000 numbers",
    body: JSON.stringify({ query: BULK, variables: { input: { items: Array(400_000).fill(1) } } }),
    code: "VARIABLES_TOO_COMPLEX",
  },
  {
    name: "200,000 short texts",
    body: JSON.stringify({
      query: BULK,
      variables: { input: { items: Array(200_000).fill("a") } },
    }),
    code: "VARIABLES_TOO_COMPLEX",
  },
  {
    name: "10 MB that say so",
    body: JSON.stringify({ query: "{ queue { waiting } }".padEnd(10_000_000) }),
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
  },
];

/** Requests that come as far as GraphQL's own checks of the document or the variables. */
export const HOSTILE_VALUES: readonly Hostile[] = [
  query(
    "types of types of types",
    "BAD_USER_INPUT",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
  ),
  query(
    "a literal of 400 digits",
    "BAD_USER_INPUT",
    `{ bulkUpdates(first: ${"9".repeat(400)}) { totalCount } }`,
  ),
  query(
    "10^308 nodes",
    "BAD_USER_INPUT",
    "query ($n: Int) { bulkUpdates(first: $n) { totalCount } }",
    {
      n: 1e308,
    },
  ),
  {
    name: "a number beyond all numbers",
    body: `{"query":"query ($n: Int) { bulkUpdates(first: $n) { totalCount } }","variables":{"n":1e999}}`,
    code: "BAD_USER_INPUT",
  },
  query(
    "1,600 unknown members",
    "BAD_USER_INPUT",
    `mutation { updateReferral(input: { ${times(1_600, (n) => `a${n}: 1`)} }) { __typename } }`,
  ),
  query("90,000 rows that are none", "BAD_USER_INPUT", BULK, {
    input: { items: Array(90_000).fill(1) },
  }),
];
