import { InputError, UnsupportedKernelError } from '../../errors.ts'
import { arrayOf, constantElements } from '../graph/emit.ts'
import type { ConstantData, Value } from '../graph/value.ts'
import { constantValue } from '../graph/value.ts'
import type { DType } from '../tensor.ts'
import { sizeOf } from '../tensor.ts'
import { tf, type tfjs } from '../tf.ts'

/** What the engine knows a tensor of the tracing backend by. */
type DataId = object

interface Entry {
  readonly value: Value
  references: number
}

/** Name under which the tracing backend is registered with tfjs. */
export const TRACE_BACKEND = 'trace'

/**
 * A tfjs backend whose tensors are values of a graph: writing data makes a constant, running a kernel
 * appends nodes, and only constants can be read.
 */
export class TraceBackend extends tf.KernelBackend {
  readonly #data: tf.DataStorage<Entry>

  constructor() {
    super()
    this.#data = new tf.DataStorage<Entry>(this, tf.engine())
  }

  /** The value behind a tensor; a tensor of another backend becomes a constant. */
  graphValue(tensor: { dataId: DataId }): Value {
    return this.#data.get(tensor.dataId).value
  }

  /** A tensor that stands for a value. */
  tensorInfo(value: Value): tf.TensorInfo {
    if (value.dtype === 'int64') throw new Error('An int64 value has no tfjs type.')
    const dataId = {}
    this.#data.set(dataId, { value, references: 1 })
    return { dataId, shape: [...value.shape], dtype: value.dtype }
  }

  override write(values: tfjs.backend_util.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const dataId = {}
    this.#data.set(dataId, { value: constantOf(values, shape, dtype), references: 1 })
    return dataId
  }

  override move(
    dataId: DataId,
    values: tfjs.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.#data.set(dataId, { value: constantOf(values, shape, dtype), references })
  }

  override readSync(dataId: DataId): Float32Array | Int32Array | Uint8Array {
    const data = constantElements(this.#data.get(dataId).value)
    if (data === undefined || data instanceof BigInt64Array) {
      throw new InputError(
        'A function that is being compiled reads the data of a tensor that depends on its inputs; ' +
          'return the tensor and read it from the result instead.',
      )
    }
    return data
  }

  override async read(dataId: DataId): Promise<tfjs.backend_util.BackendValues> {
    return this.readSync(dataId)
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).references : 0
  }

  override incRef(dataId: DataId): void {
    this.#data.get(dataId).references++
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true
    const entry = this.#data.get(dataId)
    entry.references--
    if (!force && entry.references > 0) return false
    this.#data.delete(dataId)
    return true
  }

  override numDataIds(): number {
    return this.#data.numDataIds()
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true }
  }

  override floatPrecision(): 32 {
    return 32
  }

  override epsilon(): number {
    return 1e-7
  }

  override dispose(): void {}
}

function constantOf(values: tfjs.backend_util.BackendValues, shape: number[], dtype: tf.DataType): Value {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new UnsupportedKernelError(
      `Tensors of type ${dtype} cannot be compiled; use float32, int32 or bool, or run this part outside.`,
    )
  }
  const data = typedArray(values, dtype)
  const same = data.length > 0 && data.length === sizeOf(shape) && data.every((value) => value === data[0])
  return constantValue(same ? data.slice(0, 1) : data, { shape, dtype }, same)
}

function typedArray(values: tfjs.backend_util.BackendValues, dtype: DType): ConstantData {
  // A copy: tfjs does not promise that the caller's array stays as it is.
  if (dtype === 'float32' && values instanceof Float32Array) return values.slice()
  return arrayOf(dtype, values as unknown as ArrayLike<number>)
}
