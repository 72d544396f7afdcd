/** What to do about a full disk once there is a run: to start it again is refused. */
export const FREE_AND_RESUME = 'free some space, then go on with the run (train --resume)'
