/** A mistake of the one who typed the command line. */
export class UsageError extends Error {}
