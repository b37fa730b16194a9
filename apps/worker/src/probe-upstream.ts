import {
  type AccessTokenProvider,
  type PartnerCenterClient,
  PartnerCenterError,
  TokenUnavailableError,
  untilAborted,
} from "@patchlane/partner-center";

/** What a probe found. `unclear`: neither an answer nor a failure (told to wait, or stopped). */
export type ProbeFinding = "answered" | "down" | "unclear" | { readonly pausedReason: string };

/**
 * One small call that says whether the upstream answers, and takes our token: a list of one referral. A token that
 * is refused is replaced, once. Never throws; bugs count as unclear.
 */
export async function probeUpstream(
  { client, tokens }: { client: PartnerCenterClient; tokens: AccessTokenProvider },
  signal: AbortSignal,
): Promise<ProbeFinding> {
  try {
    const token = await tokens.getToken({ signal });
    const first = await listOne(client, signal);
    if (first !== "unauthorized") {
      return first;
    }
    await untilAborted(tokens.renew(token), signal);
    const second = await listOne(client, signal);
    return second === "unauthorized"
      ? { pausedReason: "the upstream refuses a token that was just renewed" }
      : second;
  } catch (error) {
    return error instanceof TokenUnavailableError ? { pausedReason: error.message } : "unclear";
  }
}

async function listOne(
  client: PartnerCenterClient,
  signal: AbortSignal,
): Promise<"answered" | "down" | "unclear" | "unauthorized"> {
  try {
    const query = { top: 1, select: ["id"], maxPages: 1 };
    for await (const _page of client.listReferrals(query, { signal, priority: "interactive" })) {
      break;
    }
    return "answered";
  } catch (error) {
    if (!(error instanceof PartnerCenterError)) {
      throw error;
    }
    if (error.kind === "throttled" || error.kind === "unauthorized") {
      return error.kind === "throttled" ? "unclear" : "unauthorized";
    }
    // A refusal, too, is an answer: whatever it finds fault with is not the upstream being away.
    return error.status !== undefined && error.status < 500 ? "answered" : "down";
  }
}
