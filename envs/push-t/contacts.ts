import { PAIRS, remembered } from './contact-memory.ts'

/** Mass of the block, and its moment of inertia about the centre of gravity, in px². */
const MASS = 1
export const MOMENT = 3000

/** Overlap that is left alone, in px, held in single precision as in Chipmunk. */
const SLOP = Math.fround(0.1)

/** Places in a contact's record. */
export const CONTACT = {
  /** Unit normal, towards the block. */
  normalX: 0,
  normalY: 1,
  /** Cross product of the offset from the centre of gravity with the normal, in px. */
  arm: 2,
  /** Velocity along the normal of the body that touches the block, in px/s. */
  approach: 3,
  /** Velocity along the normal that takes the overlap away, in px/s. */
  separation: 4,
  /** Impulse that changes the block's velocity at the contact by 1. */
  mass: 5,
  /** Impulses summed up so far: of velocity, and of overlap. */
  impulse: 6,
  push: 7,
} as const

/** Numbers a contact. */
export const CONTACT_SIZE = 8

/** The contacts of one substep. */
export interface Contacts {
  /** Number of contacts. */
  count: number
  /** Records laid out as {@link CONTACT}. */
  readonly values: Float64Array
  /** Pair and feature of each contact. */
  readonly pair: Uint8Array
  readonly feature: Uint8Array
}

/** Room for two contacts of each pair. */
export function createContacts(): Contacts {
  return {
    count: 0,
    values: new Float64Array(2 * PAIRS * CONTACT_SIZE),
    pair: new Uint8Array(2 * PAIRS),
    feature: new Uint8Array(2 * PAIRS),
  }
}

/**
 * Adds a contact.
 *
 * @param memory impulses of recent contacts, to start from
 * @param pair number of the pair of shapes
 * @param feature number that tells the contacts of a pair apart, and stays the same while they last
 * @param normalX with normalY: unit normal, towards the block
 * @param offsetX with offsetY: from the block's centre of gravity to the contact
 * @param distance between the surfaces along the normal, negative where they overlap, in px
 * @param approach velocity along the normal of the body that touches the block, in px/s
 * @param rate share of the overlap taken away a second
 */
export function addContact(
  contacts: Contacts,
  memory: Float64Array,
  pair: number,
  feature: number,
  normalX: number,
  normalY: number,
  offsetX: number,
  offsetY: number,
  distance: number,
  approach: number,
  rate: number,
): void {
  const { values } = contacts
  const at = contacts.count * CONTACT_SIZE
  const arm = offsetX * normalY - offsetY * normalX
  values[at + CONTACT.normalX] = normalX
  values[at + CONTACT.normalY] = normalY
  values[at + CONTACT.arm] = arm
  values[at + CONTACT.approach] = approach
  values[at + CONTACT.separation] = -rate * Math.min(0, distance + SLOP)
  values[at + CONTACT.mass] = 1 / (1 / MASS + (arm * arm) / MOMENT)
  values[at + CONTACT.impulse] = remembered(memory, pair, feature)
  values[at + CONTACT.push] = 0
  contacts.pair[contacts.count] = pair
  contacts.feature[contacts.count] = feature
  contacts.count++
}
