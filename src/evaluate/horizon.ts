import { InputError } from '../errors.ts'

/** How a planner is used in closed loop, in numbers of steps (Chi et al. 2023, Diffusion Policy, figure 3). */
export interface Horizon {
  /** Observations that a plan looks at. */
  readonly observe: number
  /** Actions in a plan, the first of which stands beside the first observation looked at. */
  readonly plan: number
  /** Actions executed before planning again, from the one beside the last observation on. */
  readonly act: number
}

/** Two observations, sixteen actions, eight executed. */
export const DEFAULT_HORIZON: Horizon = { observe: 2, plan: 16, act: 8 }

/** Verifies a horizon. @throws InputError unless all are whole, positive, and `observe − 1 + act ≤ plan` */
export function checkHorizon(horizon: Horizon): Horizon {
  for (const [name, value] of Object.entries(horizon)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError(`The horizon's "${name}" is ${value}; give a whole number of at least 1.`)
    }
  }
  const { observe, plan, act } = horizon
  if (observe - 1 + act > plan) {
    throw new InputError(
      `The horizon's "act" is ${act}, but a plan of ${plan} that starts with ${observe} observations holds ${plan - observe + 1} actions to come; choose a smaller "act" or a longer "plan".`,
    )
  }
  return { observe, plan, act }
}
