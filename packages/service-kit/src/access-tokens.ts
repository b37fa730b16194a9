import {
  type AccessTokenProvider,
  fixedToken,
  type RefreshTokenStore,
  refreshTokenProvider,
} from "@patchlane/partner-center";
import { type ServiceSettings, type SettingsCheck, SettingsError } from "./settings.ts";

const SIGN_IN_IS_INCOMPLETE =
  "sign-in: set PARTNER_CENTER_ACCESS_TOKEN (development), or ENTRA_TENANT_ID, ENTRA_CLIENT_ID, " +
  "PARTNER_CENTER_REFRESH_TOKEN and one of ENTRA_CLIENT_SECRET, ENTRA_CLIENT_CERTIFICATE_PATH";

/** Whether there is a way to sign in at all. */
export const checkSignIn: SettingsCheck = (given) => {
  const needed = ["ENTRA_TENANT_ID", "ENTRA_CLIENT_ID", "PARTNER_CENTER_REFRESH_TOKEN"];
  const credentials = ["ENTRA_CLIENT_SECRET", "ENTRA_CLIENT_CERTIFICATE_PATH"];
  const isComplete =
    given.PARTNER_CENTER_ACCESS_TOKEN !== undefined ||
    (needed.every((name) => given[name] !== undefined) &&
      credentials.some((name) => given[name] !== undefined));
  return isComplete ? [] : [SIGN_IN_IS_INCOMPLETE];
};

/**
 * Sign-in as the settings say: a fixed token, or App+User by refresh token (Secure Application Model).
 * Throws {@link SettingsError} when neither is complete.
 */
export function accessTokens(
  settings: ServiceSettings,
  store: RefreshTokenStore,
): AccessTokenProvider {
  if (settings.PARTNER_CENTER_ACCESS_TOKEN !== undefined) {
    return fixedToken(settings.PARTNER_CENTER_ACCESS_TOKEN);
  }
  const {
    ENTRA_TENANT_ID: tenantId,
    ENTRA_CLIENT_ID: clientId,
    ENTRA_CLIENT_SECRET: clientSecret,
    ENTRA_CLIENT_CERTIFICATE_PATH: certificatePem,
    PARTNER_CENTER_REFRESH_TOKEN: refreshToken,
  } = settings;
  const hasCredential = clientSecret !== undefined || certificatePem !== undefined;
  if (
    tenantId === undefined ||
    clientId === undefined ||
    refreshToken === undefined ||
    !hasCredential
  ) {
    throw new SettingsError([SIGN_IN_IS_INCOMPLETE]);
  }
  const credential =
    certificatePem === undefined
      ? { clientSecret }
      : { clientCertificate: certificateOf(certificatePem) };
  try {
    const authority = settings.ENTRA_AUTHORITY;
    return refreshTokenProvider({
      tenantId,
      clientId,
      refreshToken,
      store,
      authority,
      ...credential,
    });
  } catch (error) {
    // The client's own words about what cannot work; they quote nothing.
    throw error instanceof TypeError ? new SettingsError([`sign-in: ${error.message}`]) : error;
  }
}

/** One PEM file with the private key and the certificate (chain), in any order. */
function certificateOf(pem: string): { privateKey: string; x5c: string } {
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g) ?? [];
  const privateKey = blocks.find((block) => block.includes("PRIVATE KEY-----"));
  const x5c = blocks.filter((block) => block.includes("BEGIN CERTIFICATE-----")).join("\n");
  if (privateKey === undefined || x5c === "") {
    throw new SettingsError([
      "ENTRA_CLIENT_CERTIFICATE_PATH: the file must hold a PEM private key and its PEM certificate",
    ]);
  }
  return { privateKey, x5c };
}
