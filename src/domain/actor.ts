/** Who makes a change: every change in the back office names an actor. */

/** Both are undefined for the command line and the product itself. */
export interface Actor {
  readonly userId?: number | undefined;
  /** The management key used; its creator is `userId`. */
  readonly managementKeyId?: number | undefined;
}

export const COMMAND_LINE: Actor = {};
