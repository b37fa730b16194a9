import type { UIConfig } from "@bull-board/api/dist/types.js";
import type { BoardFiles } from "./board-files.ts";

/**
 * What the page may do: its own files and nobody else's. The charts and menus set styles on elements as they go, which
 * is what `unsafe-inline` is for; scripts only ever come from files.
 */
export const BOARD_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/** The page the board's scripts begin with: its own template asks a font server, this one asks nobody. */
export function boardPage(
  { scripts, styles }: BoardFiles,
  uiConfig: UIConfig,
  base: string,
): string {
  const config = JSON.stringify(uiConfig).replace(/</g, "\\u003c");
  return `<!DOCTYPE html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<base href="${base}">
<title>${uiConfig.boardTitle ?? ""}</title>
<link rel="icon" type="image/svg+xml" id="fav-logo" href="static/images/logo.svg">
${styles.map((path) => `<link rel="stylesheet" href="${path}">`).join("\n")}
</head>
<body class="preload">
<script id="__UI_CONFIG__" type="application/json">${config}</script>
<div id="root"></div>
<noscript>This page needs JavaScript; <code>{ queue { waiting active delayed } }</code> in GraphQL does not.</noscript>
${scripts.map((path) => `<script defer src="${path}"></script>`).join("\n")}
</body>
</html>
`;
}
