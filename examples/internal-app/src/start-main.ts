import { createGatewayClient } from "@patchlane/gateway-client";
import { startLocalStack } from "@patchlane/local-stack";
import { changeDeal, type DealChange, type DealOutcome } from "./change-deal.ts";

/*
 * The app's changes against a simulator of Partner Center on this machine, each with its outcome. Ends with 1 if one is not as
 * it should be.
 */

const REFERRAL = "61c65491-2f2c-461a-84b4-3654499bc1d9";

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const stack = await startLocalStack({ referrals: 5, ratePerSecond: 50, workers: 1 });
try {
  const gateway = createGatewayClient({
    url: stack.gatewayUrl,
    // token: () => signedIn.accessToken(), as the app's sign-in library gets it
  });
  let isRight = true;
  const play = async (
    title: string,
    change: Omit<DealChange, "referralId">,
    expected: DealOutcome["kind"],
    referralId = REFERRAL,
  ): Promise<void> => {
    const states: string[] = [];
    const outcome = await changeDeal(gateway, { referralId, ...change }, (state) => {
      states.push(state);
    });
    isRight &&= outcome.kind === expected;
    say(`${title}: ${[...states.slice(-1), outcome.kind].join(" -> ")}`);
  };

  const before = await gateway.referral(REFERRAL);
  const value = { details: { dealValue: "72000.50", notes: "Budget confirmed" } };
  await play("A new deal value", { changes: value, changeId: "change-1" }, "saved");
  await play("The same click, twice", { changes: value, changeId: "change-1" }, "saved");
  const page = await gateway.referralUpdates(REFERRAL);
  isRight &&= page?.nodes.length === 1;
  say(`Updates of the referral: ${page?.nodes.length}`);

  const late = {
    changes: { name: "Too late" },
    changeId: "change-2",
    seenEtag: before?.etag ?? "",
  };
  await play("From a page that is out of date", late, "reload");
  const wrong = { details: { currency: "Dollars" } };
  await play("A currency there is none of", { changes: wrong, changeId: "change-3" }, "fix");
  const back = { status: "New", substatus: "Accepted" } as const;
  await play("A status it may not have", { changes: back, changeId: "change-4" }, "choose");
  const nobody = { changes: { name: "x" }, changeId: "change-5" };
  await play("A referral there is none of", nobody, "gone", "no-such-referral");
  process.exitCode = isRight ? 0 : 1;
} finally {
  await stack.stop();
}
