import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { BOARD_PATH } from "./send.ts";

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 2rem 1rem; }
main { max-width: 36rem; margin: 0 auto; }
label { display: block; font-weight: 600; }
textarea { box-sizing: border-box; width: 100%; margin: .25rem 0 1rem; padding: .5rem; font: .875rem/1.4 ui-monospace, monospace; }
button { padding: .5rem 1.25rem; font: inherit; cursor: pointer; }
.problem { padding: .5rem .75rem; border-left: .25rem solid #c0392b; }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** No scripts at all, one style, and a form that goes to this gateway only. */
const POLICY =
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; ` +
  "frame-ancestors 'none'";

/** The page that asks for a token; a problem says why the last one did not do. */
export function sendSignInPage(
  response: ServerResponse,
  status: number,
  problem: string | undefined,
): void {
  const said =
    problem === undefined
      ? ""
      : `<p class="problem" role="alert" id="problem">${escaped(problem)}.</p>`;
  sendPage(
    response,
    status,
    "Sign in to the queues",
    `${said}
<form method="post" action="${BOARD_PATH}sign-in">
<label for="token">Access token</label>
<textarea id="token" name="token" rows="8" required autofocus spellcheck="false" autocomplete="off" aria-describedby="hint${problem === undefined ? "" : " problem"}"></textarea>
<p id="hint">A token for this gateway with the administrator's role. It is kept in this browser, for this page only, until it expires.</p>
<button>Sign in</button>
</form>`,
  );
}

/** The page with the button that forgets the token. */
export function sendSignOutPage(response: ServerResponse): void {
  sendPage(
    response,
    200,
    "Sign out of the queues",
    `<form method="post" action="${BOARD_PATH}sign-out"><button autofocus>Sign out</button></form>
<p><a href="${BOARD_PATH}">Back to the queues</a></p>`,
  );
}

function sendPage(response: ServerResponse, status: number, title: string, content: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin", // with "no-referrer" browsers do not say whose form it is
    "cache-control": "no-store",
  });
  response.end(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – Patchlane</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
}
