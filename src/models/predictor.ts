import type { Engine } from '../engine/engine.ts'
import { float32, type HostTensor, type TensorSpec } from '../engine/tensor.ts'
import { tf } from '../engine/tf.ts'
import { type Rows, rows } from '../rows.ts'
import type { HostParameters, Network, NetworkInputs } from './network.ts'

/** A trained network for batches of one size. */
export interface Predictor {
  /** Samples predicted together, B. */
  readonly batch: number
  /**
   * The network under fixed conditions, [B, C] (not looked at where the network takes none): samples [B, T × D] and
   * the time as the network sees it → its raw predictions, [B, T × D], in an array that the next call reuses.
   */
  given(condition: Rows): (x: Rows, networkTime: number) => Promise<Rows>
  /** Frees what was compiled. */
  dispose(): Promise<void>
}

/** Compiles a network for a batch size, with its weights as constants. */
export async function compilePredictor(
  engine: Engine,
  network: Network,
  parameters: HostParameters,
  batch: number,
): Promise<Predictor> {
  const { horizon, channels } = network
  const conditional = network.condition > 0
  const signature: Record<string, TensorSpec> = {
    sample: float32(batch, horizon, channels),
    time: float32(batch),
    ...(conditional && { condition: float32(batch, network.condition) }),
  }
  const compiled = await engine.compile(
    `denoise ${batch}`,
    (inputs) => {
      const weights = Object.fromEntries(
        Object.entries(parameters).map(([name, { values, shape }]) => [
          name,
          tf.tensor(values as Float32Array, [...shape]),
        ]),
      )
      return { prediction: network.apply(weights, inputs as unknown as NetworkInputs) }
    },
    signature,
  )
  return {
    batch,
    given(condition) {
      const time = new Float32Array(batch)
      return async (x, networkTime) => {
        const { prediction } = await compiled.run({
          sample: tensor([x.rows, horizon, channels], x.values),
          time: tensor([x.rows], time.fill(networkTime)),
          ...(conditional && {
            condition: tensor([condition.rows, condition.columns], condition.values),
          }),
        })
        return rows((prediction as HostTensor).values as Float32Array, x.rows, x.columns)
      }
    },
    dispose: () => compiled.dispose(),
  }
}

function tensor(shape: number[], values: Float32Array): HostTensor {
  return { shape, dtype: 'float32', values }
}
