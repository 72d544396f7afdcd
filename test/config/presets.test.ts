import test from 'ava'
import { loadEnvironment } from '../../envs/index.ts'
import { PRESETS, preset } from '../../src/config/presets.ts'
import { createCoupling } from '../../src/coupling/index.ts'
import { createPolicy } from '../../src/policy/policy.ts'

for (const name of Object.keys(PRESETS)) {
  test(`the preset ${name} fits its environment, and its parts each other`, async (t) => {
    const config = preset(name)
    const policy = createPolicy(config, await loadEnvironment(config.environment))
    t.is(policy.network.horizon, config.policy.plan)
    // A preset must not set a trap: no coupling that ignores the observation.
    t.false(createCoupling(config.coupling).conditionBlind && config.coupling.type !== 'independent')
  })
}

test('an unknown preset names the nearest one', (t) => {
  t.throws(() => preset('avoidin'), { message: /did you mean "avoiding"/ })
})
