/** Thrown when Redis did not take an update (or did not say so): nothing of it will be sent. */
export class LedgerUnavailableError extends Error {
  override readonly name = "LedgerUnavailableError";
}
