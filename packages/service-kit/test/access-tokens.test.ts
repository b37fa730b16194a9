import { constants, verify, X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { accessTokens, type Environment, readSettings, serviceSettings } from "../src/index.ts";
import { selfSigned } from "./support/self-signed.ts";
import { startTokenEndpoint } from "./support/token-endpoint.ts";

const schema = z.object(serviceSettings);
const store = { load: async () => undefined, save: async () => {} };
const appUser = {
  ENTRA_TENANT_ID: "contoso.onmicrosoft.com",
  ENTRA_CLIENT_ID: "11111111-2222-3333-4444-555555555555",
  PARTNER_CENTER_REFRESH_TOKEN: "canary-refresh-token",
};

function tokensFor(environment: Environment) {
  const settings = readSettings(schema, { REDIS_URL: "redis://127.0.0.1", ...environment });
  return accessTokens(settings, store);
}

async function pemFile(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "service-kit-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "certificate.pem");
  await writeFile(path, content);
  return path;
}

/** The parts of a JWT. */
function partsOf(jwt: string) {
  const [head = "", body = "", signature = ""] = jwt.split(".");
  return {
    header: JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, string>,
    signed: Buffer.from(`${head}.${body}`),
    signature: Buffer.from(signature, "base64url"),
  };
}

test("a fixed token is used as it is, and wins", async () => {
  const tokens = tokensFor({ PARTNER_CENTER_ACCESS_TOKEN: "fixed", ...appUser });
  expect(await tokens.getToken()).toBe("fixed");
});

test("App+User with a secret redeems the refresh token at the authority", async () => {
  const { origin, forms } = await startTokenEndpoint();
  const tokens = tokensFor({ ...appUser, ENTRA_AUTHORITY: origin, ENTRA_CLIENT_SECRET: "secret" });
  expect(await tokens.getToken()).toBe("issued");
  expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
    refresh_token: "canary-refresh-token",
    client_secret: "secret",
  });
});

test.each(["key first", "certificate first", "with a chain and other text"] as const)(
  "App+User with a certificate file, %s, signs with its key and names its certificate",
  async (order) => {
    const { privateKeyPem, certificatePem } = selfSigned("gateway");
    const issuer = selfSigned("issuer").certificatePem;
    const content = {
      "key first": privateKeyPem + certificatePem,
      "certificate first": certificatePem + privateKeyPem,
      "with a chain and other text": `Bag Attributes\n${certificatePem}subject=…\n${issuer}${privateKeyPem}`,
    }[order];
    const { origin, forms } = await startTokenEndpoint();
    const tokens = tokensFor({
      ...appUser,
      ENTRA_AUTHORITY: origin,
      ENTRA_CLIENT_CERTIFICATE_PATH: await pemFile(content),
    });
    expect(await tokens.getToken()).toBe("issued");

    const form = forms[0];
    expect(form?.get("client_secret")).toBeNull();
    const { header, signed, signature } = partsOf(form?.get("client_assertion") ?? "");
    const certificate = new X509Certificate(certificatePem);
    const thumbprint = Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex");
    expect(header["x5t#S256"]).toBe(thumbprint.toString("base64url"));
    const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING };
    expect(header.alg).toBe("PS256");
    expect(verify("sha256", signed, key, signature)).toBe(true);
  },
);

test.each([
  ["nothing", {}],
  ["no credential", appUser],
  ["no refresh token", { ...appUser, PARTNER_CENTER_REFRESH_TOKEN: "", ENTRA_CLIENT_SECRET: "s" }],
  ["no tenant", { ...appUser, ENTRA_TENANT_ID: "", ENTRA_CLIENT_SECRET: "s" }],
  ["no client", { ...appUser, ENTRA_CLIENT_ID: "", ENTRA_CLIENT_SECRET: "s" }],
])("%s is refused with what to set, never with a value", (_name, environment) => {
  const attempt = () => tokensFor(environment);
  expect(attempt).toThrow(/PARTNER_CENTER_ACCESS_TOKEN.*ENTRA_TENANT_ID.*CERTIFICATE_PATH/);
  expect(attempt).toThrow(expect.objectContaining({ name: "SettingsError" }));
  expect(attempt).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining("canary") }),
  );
});

test.each(["key", "certificate"] as const)("a file with only the %s is refused", async (part) => {
  const { privateKeyPem, certificatePem } = selfSigned("gateway");
  const path = await pemFile(part === "key" ? privateKeyPem : certificatePem);
  expect(() => tokensFor({ ...appUser, ENTRA_CLIENT_CERTIFICATE_PATH: path })).toThrow(
    /CERTIFICATE_PATH: the file must hold a PEM private key and its PEM certificate/,
  );
});

test.each(["key", "certificate"] as const)(
  "a file whose %s is damaged is a readable settings problem without its content",
  async (part) => {
    const { privateKeyPem, certificatePem } = selfSigned("gateway");
    const damage = (pem: string): string => pem.replace(/\n[\s\S]+\n(?=-----END)/, "\nAAAA\n");
    const path = await pemFile(
      part === "key"
        ? damage(privateKeyPem) + certificatePem
        : privateKeyPem + damage(certificatePem),
    );
    expect(() => tokensFor({ ...appUser, ENTRA_CLIENT_CERTIFICATE_PATH: path })).toThrow(
      expect.objectContaining({ name: "SettingsError" }),
    );
  },
);

test("a tenant that cannot be one is a readable settings problem", () => {
  const environment = { ...appUser, ENTRA_TENANT_ID: "con/toso", ENTRA_CLIENT_SECRET: "s" };
  expect(() => tokensFor(environment)).toThrow(expect.objectContaining({ name: "SettingsError" }));
});
