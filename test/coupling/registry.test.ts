import test from 'ava'
import {
  COUPLINGS,
  couplingSchema,
  createCoupling,
  nearest,
  scaled,
  WRAPPERS,
} from '../../src/coupling/index.ts'
import { InputError } from '../../src/errors.ts'

test('a config, its short form and the factory make the same coupling', (t) => {
  const { name } = nearest({ candidates: 4, score: 'cosine' })
  t.is(name, 'nearest(candidates=4, score=cosine)')
  t.is(createCoupling({ type: 'nearest', candidates: 4, score: 'cosine' }).name, name)
  t.is(createCoupling('nearest:candidates=4,score=cosine').name, name)
  const outer = scaled({ factor: 2 }, nearest()).name
  t.is(createCoupling({ type: 'scaled', factor: 2, coupling: { type: 'nearest' } }).name, outer)
  t.is(createCoupling('scaled:factor=2,coupling=nearest').name, outer)
  t.is(
    createCoupling('residual:pool=4,coupling=scaled:factor=2,coupling=local:cell=8,pool=2').name,
    'residual(neighbours=32, pool=4, metric=whitened, scaled(factor=2, local(cell=8, pool=2, cost=both-standardised, metric=whitened, solver=jonker-volgenant, balance=0.2)))',
  )
  t.is(createCoupling(couplingSchema.parse({ type: 'residual' })).name, createCoupling('residual').name)
})

test('every coupling is made from its name and its parsed schema', (t) => {
  for (const type of Object.keys(COUPLINGS)) {
    const config = couplingSchema.parse({ type })
    t.is(createCoupling(config).name, createCoupling(type).name)
  }
  for (const [type, settings] of [
    ['scaled', { factor: 2 }],
    ['after', { step: 5 }],
  ] as const) {
    t.true(Object.hasOwn(WRAPPERS, type))
    const config = couplingSchema.parse({ type, ...settings, coupling: { type: 'local' } })
    t.regex(createCoupling(config).name, /local\(cell=64, pool=32/)
  }
})

test('what a coupling was made from makes it again', (t) => {
  for (const text of ['local:cell=8', 'residual:pool=4,coupling=after:metric=success,coupling=local']) {
    const coupling = createCoupling(text)
    const again = createCoupling(JSON.parse(JSON.stringify(coupling.config)))
    t.is(again.name, coupling.name)
    t.deepEqual(again.config, coupling.config)
    t.deepEqual(again.awaits, coupling.awaits)
  }
  const { awaits } = createCoupling('scaled:factor=2,coupling=after:metric=success,coupling=local')
  t.deepEqual(awaits, { metric: 'success', threshold: 0.6, everyMode: true })
})

const wrong: [string | { type: string }, RegExp][] = [
  ['neerest', /"neerest"; did you mean "nearest"\? .*grouped.*scaled/],
  ['nearest:candidate=8', /"candidate"; did you mean "candidates"/],
  ['nearest:candidates=0', /candidates of the coupling nearest is 0/],
  ['nearest:candidates=2.5', /candidates of the coupling nearest is 2.5/],
  ['nearest:candidates=', /candidates of the coupling nearest is ""/],
  ['nearest:score=near', /score of the coupling nearest is "near": .*cosine/],
  ['local:detrend=maybe', /detrend .*"maybe"/],
  ['assignment:solver=hungarian', /solver .*"hungarian": .*munkres/],
  ['local:cell', /"cell" where a setting belongs/],
  ['independent:seed=1', /independent has no settings/],
  ['scaled:factor=0,coupling=local', /factor of the coupling scaled is 0/],
  ['scaled:factor=2', /scaled needs another one to wrap/],
  ['after:coupling=local', /after needs either a step or a metric.*neither/],
  ['after:step=3,metric=success,coupling=local', /not both/],
  ['toString', /Unknown coupling "toString"/],
]
for (const [config, message] of wrong) {
  test(`${JSON.stringify(config)} is refused`, (t) => {
    t.throws(() => createCoupling(config), { instanceOf: InputError, message })
  })
}
