import type { Environment } from '../../src/env/environment.ts'
import type { PlannerFactory } from '../../src/evaluate/rollout-job.ts'
import type { Planner } from '../../src/policy/planner.ts'
import { row, zeroRows } from '../../src/rows.ts'

/** What {@link steering} can be asked for. */
export interface Steering {
  /** Half-width of the uniform noise on each velocity, m/s. */
  readonly noise?: number
  /** Message to fail with in the first plan. */
  readonly fail?: string
  /** Kill the thread in the first plan. */
  readonly exit?: boolean
  /** Plan numbers that are not finite. */
  readonly broken?: boolean
  /** Milliseconds to wait before each plan. */
  readonly wait?: number
}

/** Plans of 16 actions over two observations for the two-way task: it steers to a side drawn at first sight. */
export function steeringPlanner({ noise = 0.1, fail, exit, broken, wait }: Steering = {}): Planner {
  return async (histories, streams) => {
    if (fail !== undefined) throw new Error(fail)
    if (exit) process.exit(3)
    if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait))
    const plans = zeroRows(histories.rows, 32)
    for (const [i, rng] of streams.entries()) {
      const [, , x, y] = row(histories, i)
      const plan = row(plans, i)
      const side = Math.abs(x) < 0.31 && y < -0.5 ? (rng.uniform() < 0.5 ? -1 : 1) : Math.sign(x)
      for (let k = 0; k < 16; k++) {
        const sideways = y < 0 ? 0.8 * side * (0.6 - Math.abs(x)) : 0
        plan[2 * k] = broken ? Number.NaN : sideways + noise * (2 * rng.uniform() - 1)
        plan[2 * k + 1] = 0.5 + noise * (2 * rng.uniform() - 1)
      }
    }
    return plans
  }
}

const factory: PlannerFactory = (data: unknown, _environment: Environment) =>
  steeringPlanner(data as Steering)
export default factory
