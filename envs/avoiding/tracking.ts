/**
 * How the end effector follows its desired position: a critically damped spring in each coordinate,
 * e″ + 2ω·e′ + ω²·e = 0 with e = actual − desired, solved in closed form while the desired position stands
 * still. D3IL's Cartesian tracking controller on a simulated arm is stiff and well damped too; this keeps
 * what a policy sees of it (a lag of 2/ω seconds, about one action; speed without jumps; no overshoot) and
 * needs no physics engine.
 */

/** Natural frequency ω in 1/s: the lag at constant speed is 2/ω = 33 ms, just under one action. */
export const FREQUENCY = 60

/** Milliseconds, and checks for contact, in one action. */
export const SUBSTEPS = 35

/** Seconds between two checks for contact. */
export const SUBSTEP = 0.001

const DECAY = Float64Array.from({ length: SUBSTEPS + 1 }, (_, k) => Math.exp(-FREQUENCY * SUBSTEP * k))

/**
 * The distance from the desired position after `substeps` ms.
 *
 * @param error actual − desired at the start, in m
 * @param velocity of the actual position at the start, in m/s
 * @param substeps whole number from 0 to {@link SUBSTEPS}
 */
export function trackedError(error: number, velocity: number, substeps: number): number {
  return DECAY[substeps] * (error + (velocity + FREQUENCY * error) * SUBSTEP * substeps)
}

/** The velocity after `substeps` ms; arguments as in {@link trackedError}. */
export function trackedVelocity(error: number, velocity: number, substeps: number): number {
  return DECAY[substeps] * (velocity - FREQUENCY * (velocity + FREQUENCY * error) * SUBSTEP * substeps)
}
