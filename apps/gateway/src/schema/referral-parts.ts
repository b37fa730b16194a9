import type { Referral } from "@patchlane/referral-patch";
import { builder } from "./builder.ts";

/*
 * The parts of a referral, as in the vendor's resource table. Everything is nullable: the upstream leaves
 * out what is unset.
 */

/** The documented members of a part; what the vendor added since is only in `Referral.raw`. */
type Part<T> =
  NonNullable<T> extends readonly (infer Item)[] ? Documented<Item>[] : Documented<NonNullable<T>>;
type Documented<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] };
type CustomerProfile = Part<Referral["customerProfile"]>;
type Details = Part<Referral["details"]>;
type Requirements = Part<Details["requirements"]>;
type Member = Part<Referral["team"]>[number];
type Tag = Part<Requirements["industries"]>[number];
type Solution = Part<Requirements["solutions"]>[number];
type InviteContext = Part<Referral["inviteContext"]>;

const ContactPreference = builder
  .objectRef<Part<Member["contactPreference"]>>("ContactPreference")
  .implement({
    fields: (t) => ({
      locale: t.exposeString("locale"),
      disableNotifications: t.exposeBoolean("disableNotifications"),
    }),
  });

export const MemberType = builder.objectRef<Member>("Member").implement({
  description: "A person of a team; the e-mail is the key.",
  fields: (t) => ({
    firstName: t.exposeString("firstName"),
    lastName: t.exposeString("lastName"),
    phoneNumber: t.exposeString("phoneNumber"),
    email: t.exposeString("email"),
    contactPreference: t.expose("contactPreference", { type: ContactPreference }),
  }),
});

const Address = builder.objectRef<Part<CustomerProfile["address"]>>("Address").implement({
  fields: (t) => ({
    addressLine1: t.exposeString("addressLine1"),
    addressLine2: t.exposeString("addressLine2"),
    city: t.exposeString("city"),
    state: t.exposeString("state"),
    postalCode: t.exposeString("postalCode"),
    country: t.exposeString("country", { description: "ISO 3166-1 alpha-2." }),
    region: t.exposeString("region"),
  }),
});

const CustomerProfileId = builder
  .objectRef<Part<CustomerProfile["ids"]>[number]>("CustomerProfileId")
  .implement({
    fields: (t) => ({
      profileType: t.exposeString("profileType"),
      id: t.exposeString("id"),
    }),
  });

export const CustomerProfileType = builder.objectRef<CustomerProfile>("CustomerProfile").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    address: t.expose("address", { type: Address }),
    size: t.exposeString("size"),
    team: t.field({
      type: [MemberType],
      nullable: { list: false, items: false },
      resolve: ({ team }) => team ?? [],
    }),
    ids: t.field({
      type: [CustomerProfileId],
      nullable: { list: false, items: false },
      resolve: ({ ids }) => ids ?? [],
    }),
  }),
});

export const ConsentType = builder.objectRef<Part<Referral["consent"]>>("Consent").implement({
  fields: (t) => ({
    consentToToShareInfoWithOthers: t.exposeBoolean("consentToToShareInfoWithOthers", {
      description: 'The double "ToTo" is the vendor\'s real name.',
    }),
    consentToContact: t.exposeBoolean("consentToContact"),
  }),
});

const TagType = builder.objectRef<Tag>("Tag").implement({
  fields: (t) => ({ id: t.exposeString("id") }),
});

const SolutionTagType = builder.objectRef<Solution>("SolutionTag").implement({
  fields: (t) => ({
    id: t.exposeString("id"),
    name: t.exposeString("name"),
    type: t.exposeString("type"),
  }),
});

const RequirementsType = builder.objectRef<Requirements>("Requirements").implement({
  fields: (t) => {
    const tags = (name: "industries" | "products" | "services") =>
      t.field({
        type: [TagType],
        nullable: { list: false, items: false },
        resolve: (requirements: Requirements) => requirements[name] ?? [],
      });
    return {
      industries: tags("industries"),
      products: tags("products"),
      services: tags("services"),
      solutions: t.field({
        type: [SolutionTagType],
        nullable: { list: false, items: false },
        resolve: ({ solutions }) => solutions ?? [],
      }),
    };
  },
});

export const ReferralDetailsType = builder.objectRef<Details>("ReferralDetails").implement({
  fields: (t) => ({
    notes: t.exposeString("notes"),
    dealValue: t.field({ type: "Decimal", resolve: ({ dealValue }) => dealValue }),
    currency: t.exposeString("currency", { description: "ISO 4217." }),
    closingDateTime: t.field({
      type: "DateTime",
      resolve: ({ closingDateTime }) => closingDateTime,
    }),
    requirements: t.expose("requirements", { type: RequirementsType }),
  }),
});

const InvitedByType = builder.objectRef<Part<InviteContext["invitedBy"]>>("InvitedBy").implement({
  fields: (t) => ({
    organizationId: t.exposeString("organizationId"),
    organizationName: t.exposeString("organizationName"),
  }),
});

export const InviteContextType = builder.objectRef<InviteContext>("InviteContext").implement({
  fields: (t) => ({
    notes: t.exposeString("notes"),
    invitedBy: t.expose("invitedBy", { type: InvitedByType }),
  }),
});

export const ReferralTargetType = builder
  .objectRef<Part<Referral["target"]>[number]>("ReferralTarget")
  .implement({
    fields: (t) => ({ type: t.exposeString("type"), id: t.exposeString("id") }),
  });
