import { InputError } from '../errors.ts'
import type { Tree } from './tensor.ts'

/** One leaf of a {@link Tree} with the names that lead to it. */
export interface Leaf<T> {
  readonly keys: readonly string[]
  /** The keys joined with `/`; unique within a tree. */
  readonly path: string
  readonly value: T
}

/**
 * The leaves of a tree, depth first in the order of the keys.
 *
 * @param isLeaf tells a leaf from a subtree
 * @throws InputError where something is neither, or two leaves have the same path
 */
export function leaves<T>(tree: Tree<T>, isLeaf: (node: unknown) => node is T, what: string): Leaf<T>[] {
  const found: Leaf<T>[] = []
  const seen = new Set<string>()
  const visit = (node: unknown, keys: readonly string[]): void => {
    const path = keys.join('/')
    if (isLeaf(node)) {
      if (seen.has(path)) throw new InputError(`Two entries of ${what} are named "${path}"; rename one.`)
      seen.add(path)
      found.push({ keys, path, value: node })
      return
    }
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      throw new InputError(
        `${what} holds ${describe(node)} at "${path}", which is not a tensor; give a tensor or a record of tensors.`,
      )
    }
    for (const [key, child] of Object.entries(node)) visit(child, [...keys, key])
  }
  visit(tree, [])
  return found
}

/** Puts values back where {@link leaves} found them. */
export function unflatten<T>(entries: readonly { keys: readonly string[]; value: T }[]): Tree<T> {
  const root: Record<string, unknown> = {}
  for (const { keys, value } of entries) {
    let node = root
    for (const key of keys.slice(0, -1)) node = (node[key] ??= {}) as Record<string, unknown>
    node[keys[keys.length - 1]] = value
  }
  return root as Tree<T>
}

function describe(node: unknown): string {
  if (node === null) return 'null'
  return Array.isArray(node) ? 'an array' : `a ${typeof node}`
}
