import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** Turns what callers sent (personal data) into what is stored, and back. */
export interface PayloadCodec {
  seal(plain: string): string;
  /** Throws {@link SealedPayloadError} when the text was sealed with a key that is not known here. */
  open(stored: string): string;
}

/** Thrown when a stored payload cannot be opened; names the key's fingerprint, never the content. */
export class SealedPayloadError extends Error {
  override readonly name = "SealedPayloadError";
}

const MARK = "sealed1";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with the first key; texts sealed with any of the keys, and unsealed texts, can be read,
 * so a key is rotated by putting the new one first. Without keys everything is stored as it is.
 * Throws a TypeError for a key that is not 32 bytes.
 */
export function payloadCodec(keys: readonly Uint8Array[] = []): PayloadCodec {
  const byFingerprint = new Map<string, Uint8Array>();
  for (const key of keys) {
    if (key.length !== KEY_BYTES) {
      throw new TypeError("a ledger key must be 32 bytes");
    }
    byFingerprint.set(fingerprint(key), key);
  }
  const current = keys[0];
  return {
    seal: (plain) => (current === undefined ? plain : seal(plain, current)),
    open: (stored) => (stored.startsWith(`${MARK}.`) ? open(stored, byFingerprint) : stored),
  };
}

function fingerprint(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 8);
}

function seal(plain: string, key: Uint8Array): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const sealed = Buffer.concat([
    iv,
    cipher.update(plain, "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return `${MARK}.${fingerprint(key)}.${sealed.toString("base64")}`;
}

function open(stored: string, keys: ReadonlyMap<string, Uint8Array>): string {
  const [, keyName = "", text = ""] = stored.split(".");
  const key = keys.get(keyName);
  if (key === undefined) {
    throw new SealedPayloadError(`no ledger key with fingerprint ${keyName} is configured`);
  }
  const sealed = Buffer.from(text, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
  } catch {
    throw new SealedPayloadError(`a payload sealed with ledger key ${keyName} was altered`);
  }
}
