/** Where the viewer listens unless told otherwise; the next free port is taken. */
export const DEFAULT_PORT = 8787
