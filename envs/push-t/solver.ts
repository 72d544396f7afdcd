import { NO_FEATURE, RECORD } from './contact-memory.ts'
import { CONTACT, CONTACT_SIZE, type Contacts, MOMENT } from './contacts.ts'
import { BODY } from './state.ts'

/** Passes over the contacts. */
const PASSES = 10
/** A pass that changes no impulse by more than this has converged, and the remaining ones would not either. */
const CONVERGED = 1e-13

/**
 * Finds impulses, none of them pulling, that end the approach of the block and what touches it, by passes over
 * the contacts one at a time (projected Gauss–Seidel); and, separately, the pushes that take overlap away.
 * Starts from the impulses that the contacts carry, of which the block has felt only those of pairs that
 * touched in the substep before.
 *
 * @param bodies the block's velocity and push are added to
 * @param memory gets the impulses found, and −1 substeps missed
 * @returns the pairs in contact, a bit each
 */
export function solve(contacts: Contacts, memory: Float64Array, bodies: Float64Array): number {
  const { count, values, pair, feature } = contacts
  let vx = 0
  let vy = 0
  let spin = 0
  for (let i = 0; i < count; i++) {
    if (memory[pair[i] * RECORD] !== 0) continue
    const at = i * CONTACT_SIZE
    const impulse = values[at + CONTACT.impulse]
    vx += values[at + CONTACT.normalX] * impulse
    vy += values[at + CONTACT.normalY] * impulse
    spin += (values[at + CONTACT.arm] * impulse) / MOMENT
  }
  let px = 0
  let py = 0
  let pushSpin = 0
  for (let pass = 0; pass < PASSES; pass++) {
    let change = 0
    for (let i = 0; i < count; i++) {
      const at = i * CONTACT_SIZE
      const nx = values[at + CONTACT.normalX]
      const ny = values[at + CONTACT.normalY]
      const arm = values[at + CONTACT.arm]
      const mass = values[at + CONTACT.mass]
      const impulse = values[at + CONTACT.impulse]
      const wanted = impulse + (values[at + CONTACT.approach] - (vx * nx + vy * ny + spin * arm)) * mass
      const given = Math.max(wanted, 0)
      const push = values[at + CONTACT.push]
      const pushWanted =
        push + (values[at + CONTACT.separation] - (px * nx + py * ny + pushSpin * arm)) * mass
      const pushGiven = Math.max(pushWanted, 0)
      const step = given - impulse
      const pushStep = pushGiven - push
      values[at + CONTACT.impulse] = given
      values[at + CONTACT.push] = pushGiven
      vx += nx * step
      vy += ny * step
      spin += (arm * step) / MOMENT
      px += nx * pushStep
      py += ny * pushStep
      pushSpin += (arm * pushStep) / MOMENT
      change = Math.max(change, Math.abs(step), Math.abs(pushStep))
    }
    if (count === 1 || change < CONVERGED) break
  }
  bodies[BODY.velocityX] = vx
  bodies[BODY.velocityY] = vy
  bodies[BODY.spin] = spin
  bodies[BODY.pushX] = px
  bodies[BODY.pushY] = py
  bodies[BODY.pushSpin] = pushSpin
  return remember(contacts, memory, pair, feature)
}

/** Replaces the records of the pairs in contact. */
function remember(
  { count, values }: Contacts,
  memory: Float64Array,
  pair: Uint8Array,
  feature: Uint8Array,
): number {
  let touching = 0
  for (let i = 0; i < count; i++) {
    const at = pair[i] * RECORD
    const second = (touching & (1 << pair[i])) !== 0
    const impulse = values[i * CONTACT_SIZE + CONTACT.impulse]
    memory[at] = -1
    memory[at + (second ? 3 : 1)] = feature[i]
    memory[at + (second ? 4 : 2)] = impulse
    if (!second) {
      memory[at + 3] = NO_FEATURE
      memory[at + 4] = 0
    }
    touching |= 1 << pair[i]
  }
  return touching
}
