// Fréchet distance of digits against training steps, for three couplings and several seeds:
// node --import=./typescript.js bench/image-couplings.ts [steps] [seeds] [file.json]
import { writeFileAtomic } from '../src/atomic.ts'
import { type ImageConfig, imageSchema } from '../src/config/images.ts'
import { loadImages } from '../src/data/images/load.ts'
import { createEngine } from '../src/engine/index.ts'
import { createGenerator } from '../src/generate/generator.ts'
import { imageJudge } from '../src/train/image-judge.ts'
import { imageTask } from '../src/train/image-task.ts'
import { train } from '../src/train/loop.ts'

const [steps, seeds] = [Number(process.argv[2] ?? 240), Number(process.argv[3] ?? 3)]
const path = process.argv[4] ?? 'docs/results/image-couplings.json'
const EVERY = Math.ceil(steps / 4)
const SAMPLES = 400
const SOLVER_STEPS = 10

const configOf = (coupling: ImageConfig['coupling'], seed: number) =>
  imageSchema.parse({
    images: { source: { type: 'mnist' }, size: 14 },
    seed,
    network: { type: 'image-unet', base: 32, multiples: [1, 2], blocks: 1 },
    sampler: { type: 'euler', steps: SOLVER_STEPS },
    coupling,
    training: {
      steps,
      batch: 32,
      learningRate: 1e-3,
      decay: 'constant',
      betas: [0.9, 0.999],
      warmup: 20,
      weightDecay: 0,
      validationShare: 0,
    },
  })

const couplings = [
  { type: 'independent' },
  { type: 'nearest', candidates: 4 },
  { type: 'assignment', cost: 'l2' },
]
const engine = await createEngine({ threads: 1 })
const images = await loadImages({ type: 'mnist' }, 14)
const judge = await imageJudge('classifier', images, engine)
const results: { coupling: string; seed: number; step: number; frechet: number; kernel: number }[] = []
for (let seed = 0; seed < seeds; seed++) {
  for (const coupling of couplings) {
    const config = configOf(coupling, seed)
    const task = imageTask(config, images)
    for await (const event of train(task, config.training, engine, { seed })) {
      if (event.type !== 'step' || event.step % EVERY !== 0) continue
      const { average: parameters } = await event.snapshot()
      const { network, process } = task
      const generator = createGenerator({ network, process, parameters, sampler: config.sampler, engine })
      const { pixels } = await generator.generate({
        seed: 100_000,
        images: Array.from({ length: SAMPLES }, (_, i) => i),
      })
      await generator.close()
      const { frechet, kernel } = await judge.judge({ ...images, pixels, count: SAMPLES })
      results.push({ coupling: coupling.type, seed, step: event.step, frechet, kernel })
      console.log(coupling.type, seed, event.step, frechet.toFixed(2), kernel.toFixed(3))
      const settings = { couplings, batch: 32, samples: SAMPLES, solver: `euler ${SOLVER_STEPS}`, size: 14 }
      await writeFileAtomic(path, `${JSON.stringify({ settings, results }, undefined, 1)}\n`)
    }
  }
}
