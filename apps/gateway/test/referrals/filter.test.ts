import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { printFilter } from "../../src/referrals/filter-tree.ts";
import { parseFilter } from "../../src/referrals/parse-filter.ts";

const printed = (filter: string): string => printFilter(parseFilter(filter));

/** What a caller is told about a filter that is no good. */
function problem(filter: string): { message: string; position: unknown } {
  try {
    const went = printed(filter);
    throw new Error(`was taken, as ${went}`);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    expect(error.extensions.code).toBe("BAD_USER_INPUT");
    return { message: error.message, position: error.extensions.position };
  }
}

test.each([
  // as the vendor writes it
  "status eq 'New' and qualification eq 'SalesQualified'",
  "customerProfile/address/country eq 'US' and direction eq 'Incoming'",
  "engagementId eq '65a7981c-78a8-4288-b073-bab9379699b2'",
  // every kind of value
  "details/dealValue ge 10000.50",
  "details/dealValue lt -3",
  "consent/consentToContact eq true and consent/consentToToShareInfoWithOthers ne false",
  "createdDateTime ge 2026-01-31T12:30:00Z and createdDateTime lt 2026-02-01T00:00:00.1234567Z",
  "externalReferenceId eq null or acceptedDateTime ne null",
  "name gt 'M' and name le 'Z'",
  "name eq ''",
  "name eq 'O''Neil''s'",
  "name eq ''''",
  // how terms are joined
  "name eq 'a' or name eq 'b' and status eq 'New'",
  "(name eq 'a' or name eq 'b') and status eq 'New'",
  "not (name eq 'a')",
  "not (not (name eq 'a' or name eq 'b')) and status eq 'New'",
])("%s goes on as it is", (filter) => {
  expect(printed(filter)).toBe(filter);
});

test.each([
  ["customerProfile.address.country eq 'US'", "customerProfile/address/country eq 'US'"],
  ["  status\n\teq   'New'\r\n", "status eq 'New'"],
  ["((status eq 'New'))", "status eq 'New'"],
  [
    "(status eq 'New' and name eq 'a') and name eq 'b'",
    "status eq 'New' and name eq 'a' and name eq 'b'",
  ],
  [
    "status eq 'New' and (name eq 'a' and name eq 'b')",
    "status eq 'New' and name eq 'a' and name eq 'b'",
  ],
  ["name eq 'a' or (name eq 'b' or name eq 'c')", "name eq 'a' or name eq 'b' or name eq 'c'"],
  ["name eq 'a' or (name eq 'b' and name eq 'c')", "name eq 'a' or name eq 'b' and name eq 'c'"],
  ["(name eq 'a')and(name eq 'b')", "name eq 'a' and name eq 'b'"],
  ["not status eq 'New'", "not (status eq 'New')"],
  ["createdDateTime gt 2026-01-31", "createdDateTime gt 2026-01-31T00:00:00Z"],
  ["createdDateTime gt 2026-01-31T10:00Z", "createdDateTime gt 2026-01-31T10:00:00Z"],
  ["createdDateTime gt 2026-01-31T01:00:00.25+02:00", "createdDateTime gt 2026-01-30T23:00:00.25Z"],
  ["createdDateTime gt 2028-02-29", "createdDateTime gt 2028-02-29T00:00:00Z"],
])("%j means %s", (filter, meant) => {
  expect(printed(filter)).toBe(meant);
});

describe("what looks like more than a value", () => {
  test.each([
    ["' or 1 eq 1", 1],
    ["name eq '' or 1 eq 1 or name eq ''", 15],
    ["name eq 'a' or 1 eq 1", 16],
    ["name eq 'a' or 'a' eq 'a'", 16],
    ["name eq '')", 11],
    ["name eq 'a'')", 12],
    ["name eq 'a' &$filter=name eq 'b'", 13],
    ["name eq 'a'&$top=1", 12],
    ["$top=1", 1],
    ["name eq 'a'; drop", 12],
    ["name eq 'a' -- ", 13],
    ["name eq 'a'/*", 12],
    ["name eq %27a%27", 9],
    ["name eq \u2019a\u2019", 9],
    ["name eq \uff07a\uff07", 9],
    ['name eq "a"', 9],
    ["name eq 'a\nb'", 11],
    ["name eq 'a\u0000b'", 11],
    ["name eq 'a\u2028b'", 11],
    ["name eq '\ud800'", 10],
    ["name eq 'a\udc00b'", 10],
    ["na\u0000me eq 'a'", 3],
    ["name\u00a0eq 'a'", 5],
    ["n\u0430me eq 'a'", 2],
    ["name eq '\\'' or name eq 'x'", 26],
    ["name eq 'It's'", 13],
    ["contains(name,'a')", 1],
    ["startswith(name,'a') eq true", 1],
    ["status in ('New','Active')", 8],
    ["team/any(t: t/email eq 'a')", 1],
    ["tolower(name) eq 'a'", 1],
    ["name eq name", 9],
    ["name add 1 eq 2", 6],
    ["status has 'New'", 8],
  ])("%j is refused at character %i", (filter, position) => {
    const { message, position: told } = problem(filter);
    expect(told).toBe(position);
    expect(message).toMatch(new RegExp(`^filter, character ${position}: `));
  });

  test.each([
    "&$filter=x",
    "$top=1000",
    "%27 or 1 eq 1",
    "a' or 'a' eq 'a",
    "\u2019 \uff07",
    "a+b#c?d/../e",
    "\u{1f600}",
  ])("as a text %j is only that", (text) => {
    const quoted = `'${text.replaceAll("'", "''")}'`;
    expect(parseFilter(`name eq ${quoted}`)).toMatchObject({ literal: { type: "text", text } });
    expect(printed(`name eq ${quoted}`)).toBe(`name eq ${quoted}`);
  });
});

test.each([
  ["", 1, "expected a field"],
  ["status", 7, "expected an operator: eq, ne, gt, ge, lt, le"],
  ["status eq", 10, "expected one of 'None', 'New', 'Active', 'Closed'"],
  ["status eq 'Open'", 11, "expected one of 'None', 'New', 'Active', 'Closed'"],
  ["status eq New", 11, "expected one of"],
  ["status EQ 'New'", 8, "expected an operator"],
  ["status eq 'New' AND name eq 'a'", 17, "expected and, or, or the end"],
  ["status gt 'New'", 11, "no order"],
  ["consent/consentToContact lt true", 29, "no order"],
  ["name gt null", 9, "null can only be compared by eq and ne"],
  ["name eq 1", 9, "expected a text"],
  ["name eq true", 9, "expected a text"],
  [`name eq '${"x".repeat(257)}'`, 9, "at most 256 characters"],
  ["consent/consentToContact eq 'true'", 29, "expected true or false"],
  ["details/dealValue eq '10'", 22, "expected a number such as 10000.50, without quotes"],
  ["details/dealValue eq 1e9", 22, "expected a number"],
  ["details/dealValue eq 0x10", 22, "expected a number"],
  ["details/dealValue eq 010", 22, "expected a number"],
  ["details/dealValue eq +1", 22, "expected a number"],
  ["createdDateTime eq '2026-01-31T00:00:00Z'", 20, "expected a date-time such as"],
  ["createdDateTime eq 2026-02-30", 20, "expected a date-time"],
  ["createdDateTime eq 2027-02-29T00:00:00Z", 20, "expected a date-time"],
  ["createdDateTime eq 2026-01-31T00:00:00", 20, "expected a date-time"],
  ["createdDateTime eq 2026-01-31T24:00:00Z", 20, "expected a date-time"],
  ["createdDateTime eq 2026-01-31T00:00:00+25:00", 20, "expected a date-time"],
  ["createdDateTime eq 2026", 20, "expected a date-time"],
  ["country eq 'US'", 1, "did you mean customerProfile/address/country?"],
  ["details.dealvalue eq 1", 1, "did you mean details/dealValue?"],
  ["team eq null", 1, "no field that can be filtered by"],
  ["__proto__ eq null", 1, "no field"],
  ["constructor eq null", 1, "no field"],
  ["and eq 'a'", 1, "expected a field"],
  ["status eq 'New' and", 20, "expected a field"],
  ["status eq 'New' status eq 'New'", 17, "expected and, or, or the end"],
  ["(status eq 'New'", 17, "closing parenthesis"],
  ["status eq 'New')", 16, "the end"],
  ["()", 2, "expected a field"],
  ["name eq 'open", 9, "no closing quote"],
  ["name eq 'a'b", 12, "a quote within a text is written twice"],
  [`${"(".repeat(11)}name eq 'a'${")".repeat(11)}`, 12, "nested deeper than 10 levels"],
  [`${"not ".repeat(11)}name eq 'a'`, 45, "nested deeper than 10 levels"],
  [Array(51).fill("name eq 'a'").join(" or "), 751, "more than 50 comparisons"],
  [`name eq 'a'${" ".repeat(2000)}`, 2001, "longer than 2000 characters"],
  [
    Array(8)
      .fill(`name eq '${"\u{fffd}".repeat(200)}'`)
      .join(" or "),
    1709,
    "too long for a URL",
  ],
])("%j is refused at character %i: %s", (filter, position, told) => {
  const { message, position: at } = problem(filter);
  expect(message).toContain(told);
  expect(at).toBe(position);
});

test.each([
  "secret@example.com eq 'a'",
  "name eq secret@example.com",
  "secret eq 'a'",
  "status eq 'secret@example.com'",
  "name eq 'x' secret",
  "name eq 'secret\u0000'",
  "details/dealValue eq 'secret'",
])("what is said about %j does not quote it", (filter) => {
  expect(problem(filter).message).not.toContain("secret");
});

test("deep nesting and long chains within the bounds are taken", () => {
  expect(printed(`${"(".repeat(10)}name eq 'a'${")".repeat(10)}`)).toBe("name eq 'a'");
  const chain = Array(50).fill("name eq 'a'").join(" or ");
  expect(printed(chain)).toBe(chain);
});

test("a flood of quotes or parentheses is refused without ado", () => {
  for (const flood of ["'", "(", "not ", "''", "a.", "1"]) {
    problem(flood.repeat(Math.floor(2000 / flood.length)));
    problem(flood.repeat(1_000_000));
  }
});
