/** Who changes something: every change of the back office names one. */

/** Both undefined: the command line, or the product itself. */
export interface Actor {
  readonly userId?: number | undefined;
  /** The management key used; its creator is `userId`. */
  readonly managementKeyId?: number | undefined;
}

export const COMMAND_LINE: Actor = {};
