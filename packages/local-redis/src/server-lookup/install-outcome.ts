/** Whether a package manager installed a server, or why not. */
export type InstallOutcome = { ok: true } | { ok: false; reason: string };
