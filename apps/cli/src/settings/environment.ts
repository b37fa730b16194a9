/** What the environment says, read once at the start. */
export interface Environment {
  /** PATCHLANE_URL. */
  readonly url: string | undefined;
  /** PATCHLANE_TOKEN. */
  readonly token: string | undefined;
  /** PATCHLANE_TOKEN_FILE. */
  readonly tokenFile: string | undefined;
  /** PATCHLANE_TOKEN_COMMAND. */
  readonly tokenCommand: string | undefined;
  /** PATCHLANE_CONFIG. */
  readonly configFile: string | undefined;
  /** Where the user's own config file would be (XDG). */
  readonly userConfigFile: string;
  /** NO_COLOR, or a terminal that has none. */
  readonly isColorRefused: boolean;
  /** A terminal that cannot redraw a line. */
  readonly isDumbTerminal: boolean;
  /** Whether the locale can show block characters. */
  readonly isUnicode: boolean;
}
