/** A referral of about 2.5 kB as the upstream answers it; realistic in shape, invented in content. `version` makes its ETag. */
export function referralText(id: string, version: number): string {
  const etag = etagText(version);
  return TEMPLATE.replace("ID", id)
    .replace("ID", id)
    .replace("ETAG", JSON.stringify(etag))
    .replace("UPDATED", new Date(FIRST_UPDATE_MS + version * 1_000).toISOString());
}

export function etagText(version: number): string {
  return `"${version.toString(16).padStart(8, "0")}-0000-0000-0000-5bf4967d0000"`;
}

const FIRST_UPDATE_MS = Date.UTC(2026, 0, 1);

const member = (n: number) => ({
  firstName: `First${n}`,
  lastName: `Last${n}`,
  phoneNumber: `000000000${n}`,
  email: `person${n}@partner.example`,
  contactPreference: { locale: "en-us", disableNotifications: false },
});

const TEMPLATE = JSON.stringify({
  id: "ID",
  engagementId: "e0fb2b3f-2ba0-4b1c-9f2f-3f2c7f6a2b11",
  organizationId: "8a3b7a54-8c6e-4a39-9b51-1b1f6f4a9c22",
  organizationName: "Example Partner",
  businessProfileId: "5c1f3b1e-6d0d-4f55-8a9b-7a5b2c9d1e33",
  name: "Renewal of the field service contract",
  externalReferenceId: "CRM-000123",
  createdDateTime: "2026-01-01T00:00:00.0000000Z",
  updatedDateTime: "UPDATED",
  expirationDateTime: "2027-01-01T00:00:00.0000000Z",
  status: "New",
  substatus: "Received",
  statusReason: null,
  qualification: "SalesQualified",
  type: "Independent",
  direction: "Incoming",
  eTag: "ETAGTEXT",
  customerProfile: {
    name: "Example Customer",
    address: {
      addressLine1: "One Example Way",
      addressLine2: "Building 4",
      city: "Exampleville",
      state: "WA",
      postalCode: "98052",
      country: "US",
      region: null,
    },
    size: "10to50employees",
    team: [member(1), member(2)],
    ids: [
      { profileType: "Duns", id: "123456789" },
      { profileType: "External", id: "EXT-42" },
    ],
  },
  consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
  details: {
    notes:
      "Customer asked for an offer by the end of the quarter; the budget is confirmed by phone.",
    dealValue: 50_000,
    currency: "USD",
    closingDateTime: "2026-12-31T00:00:00.0000000Z",
    requirements: {
      industries: [{ id: "Manufacturing" }, { id: "Retail" }],
      products: [{ id: "Dynamics365Enterprise" }, { id: "Azure" }],
      services: [{ id: "DeploymentOrMigration" }, { id: "Consulting" }],
      solutions: [
        {
          id: "Dynamics365forFieldService",
          name: "Dynamics 365 for Field Service",
          type: "Category",
        },
        { id: "AppsForTeams", name: "Apps for Teams", type: "Name" },
      ],
    },
  },
  team: [member(3), member(4), member(5)],
  inviteContext: {
    notes: "Shall we do this one together?",
    invitedBy: {
      organizationId: "1d2c3b4a-5f6e-4d7c-8b9a-0a1b2c3d4e44",
      organizationName: "Another Partner",
    },
  },
  target: [{ type: "BusinessProfileLocation", id: "loc-1" }],
  links: {
    relatedReferrals: { uri: "/engagements/referrals?$filter=engagementId", method: "GET" },
    self: { uri: "/engagements/referrals/ID", method: "GET" },
  },
}).replace('"ETAGTEXT"', "ETAG");
