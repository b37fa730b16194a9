import type { Referral } from "../src/index.ts";

/** The vendor's example resource with a second member, as a fresh object each time. */
export const sampleReferral = (): Referral => ({
  id: "61c65491-2f2c-461a-84b4-3654499bc1d9",
  engagementId: "c0ffee00-2f2c-461a-84b4-3654499bc1d9",
  organizationId: "0a0a0a0a-2f2c-461a-84b4-3654499bc1d9",
  organizationName: "Fabrikam Partner",
  createdDateTime: "2026-01-05T10:00:00.0000000Z",
  updatedDateTime: "2026-01-06T10:00:00.0000000Z",
  eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"',
  links: { self: { uri: "/engagements/referrals/61c65491", method: "GET" } },
  direction: "Incoming",
  type: "Independent",
  name: "Field service for Contoso",
  externalReferenceId: null,
  status: "New",
  substatus: "Pending",
  qualification: "SalesQualified",
  customerProfile: {
    name: "Contoso Customer Inc",
    address: {
      addressLine1: "One Microsoft Way",
      city: "Redmond",
      state: "WA",
      postalCode: "98052",
      country: "US",
    },
    size: "10to50employees",
    team: [
      { firstName: "Ann", lastName: "Smith", phoneNumber: "1", email: "ann@customer.example" },
      { firstName: "Bob", lastName: "Jones", phoneNumber: "2", email: "bob@customer.example" },
    ],
    ids: [{ profileType: "Duns", id: "123456789" }],
  },
  consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
  details: {
    notes: "Wants a pilot",
    dealValue: 50000,
    currency: "USD",
    closingDateTime: "2026-06-30T00:00:00Z",
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
  team: [
    {
      firstName: "John",
      lastName: "Doe",
      phoneNumber: "0000000000",
      email: "John.Doe@contoso.com",
      contactPreference: { locale: "en-US", disableNotifications: false },
    },
    { firstName: "Eve", lastName: "Ray", phoneNumber: "3", email: "eve@contoso.com" },
  ],
  inviteContext: { notes: "", invitedBy: { organizationId: "1", organizationName: "Fabrikam" } },
});
