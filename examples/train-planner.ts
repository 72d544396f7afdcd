// Trains a planner for the two-way task in memory and rolls it out.
// npm run example            (or: node --import=./typescript.js examples/train-planner.ts)
import twoWay from '../envs/two-way/index.ts'
import {
  collectDemonstrations,
  createEngine,
  createPlanner,
  plannerSchema,
  plannerTask,
  rollout,
  summarize,
  train,
} from '../src/index.ts'

const steps = Number(process.env.STEPS ?? 1500)
const config = plannerSchema.parse({
  environment: 'two-way',
  network: { type: 'mlp', width: 256 },
  coupling: { type: 'local' },
  training: { steps, batch: 128, learningRate: 1e-3, warmup: 100 },
})
const engine = await createEngine()
const { task, normalizer } = plannerTask(
  config,
  twoWay,
  collectDemonstrations(twoWay, { count: 100, seed: 0 }),
)

for await (const event of train(task, config.training, engine, { seed: 0 })) {
  if (event.type === 'metrics') console.log(event.step, event.loss.toFixed(4))
  if (event.type !== 'step' || event.step < steps) continue
  const { average: parameters } = await event.snapshot()
  const planner = createPlanner(config, twoWay, { parameters, normalizer }, engine)
  const episodes = await rollout(twoWay, planner, [...Array(20).keys()])
  const { success } = summarize(episodes, twoWay.dynamics.modes)
  console.log(`success ${(100 * success.value).toFixed(0)} %`)
}
process.exit()
