/**
 * The Runge–Kutta pair RK5(4)7M of Dormand & Prince, "A family of embedded Runge–Kutta formulae", 1980.
 */

/** Where in the step each of the seven stages is evaluated. */
export const NODES: readonly number[] = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]

/** Weights of the earlier stages in the point of stage 2 … 7; the last row is also the fifth-order result. */
export const STAGES: readonly (readonly number[])[] = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]

/** Fifth-order minus fourth-order weights: the error estimate. */
export const ERROR: readonly number[] = [
  71 / 57600,
  0,
  -71 / 16695,
  71 / 1920,
  -17253 / 339200,
  22 / 525,
  -1 / 40,
]
