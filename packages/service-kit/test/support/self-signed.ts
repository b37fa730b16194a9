import { generateKeyPairSync, sign } from "node:crypto";

/** A private key and a certificate it signed itself, both PEM. */
export interface SelfSigned {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
/** sha256WithRSAEncryption, with its NULL parameter. */
const ALGORITHM = Buffer.from("300d06092a864886f70d01010b0500", "hex");
/** id-at-commonName. */
const COMMON_NAME = Buffer.from("0603550403", "hex");
/** Version 3. */
const VERSION = Buffer.from("a003020102", "hex");

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Makes a self-signed certificate without any tool on the machine; nothing secret stands in the repository. */
export function selfSigned(commonName: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const commonNameText = der(UTF8_STRING, Buffer.from(commonName));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, commonNameText)));
  const time = (text: string): Buffer => der(UTC_TIME, Buffer.from(text));
  const toBeSigned = der(
    SEQUENCE,
    VERSION,
    der(INTEGER, Buffer.from([1])),
    ALGORITHM,
    name,
    der(SEQUENCE, time("200101000000Z"), time("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", toBeSigned, privateKey));
  return {
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: pem("CERTIFICATE", der(SEQUENCE, toBeSigned, ALGORITHM, signature)),
  };
}
