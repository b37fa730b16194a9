/** What the command's end tells a script. Documented in `patchlane --help`; a number never changes its meaning. */
export const exitCodes = {
  ok: 0,
  /** A bug, or an answer nobody expects. */
  unexpected: 1,
  /** The command line, a setting or a local file is wrong; nothing was sent. */
  usage: 2,
  /** The gateway refused the input; nothing was accepted. */
  refused: 3,
  /** Accepted and over, but not everything was done: FAILED or CANCELLED. */
  notAllDone: 4,
  notFound: 5,
  /** The gateway cannot be reached, or cannot serve at the moment, or not so much at once. */
  unavailable: 6,
  /** The token is missing, not valid, or not enough. */
  denied: 7,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGPIPE: whoever read the output went away. */
  brokenPipe: 141,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
