import type { TensorSpec, Tree } from './tensor.ts'

/** What was made for a function and a signature, so that it is made once. Functions that go away take theirs along. */
export class CompileCache<T> {
  readonly #made = new WeakMap<object, Map<string, Promise<T>>>()

  /** The earlier result of `make` for this function and signature, or a new one; a failure is not kept. */
  get(fn: object, signature: Tree<TensorSpec>, make: (forget: () => void) => Promise<T>): Promise<T> {
    const key = JSON.stringify(signature)
    const own = this.#made.get(fn) ?? new Map<string, Promise<T>>()
    this.#made.set(fn, own)
    const earlier = own.get(key)
    if (earlier !== undefined) return earlier
    const forget = () => void own.delete(key)
    const made = make(forget)
    own.set(key, made)
    made.catch(forget)
    return made
  }
}
