import test from 'ava'
import { jsonSchema, parseConfig } from '../../src/config/parse.ts'
import { plannerSchema } from '../../src/config/planner.ts'
import { InputError } from '../../src/errors.ts'

const message = (value: unknown): string => {
  try {
    parseConfig(plannerSchema, value, 'config.json')
    return ''
  } catch (error) {
    return (error as InputError).message
  }
}

test('defaults make a whole config, which parses to itself', (t) => {
  const config = parseConfig(plannerSchema, { environment: 'two-way' }, 'config.json')
  t.is(config.policy.act, 8)
  t.is(config.training.batch, 256)
  t.deepEqual(parseConfig(plannerSchema, JSON.parse(JSON.stringify(config)), 'config.json'), config)
})

test('an error names the file, the key, the fault and the nearest key', (t) => {
  t.is(message({}), 'config.json: environment is missing; it must be of type string.')
  t.regex(
    message({ environment: 'a', trainng: {} }),
    /^config\.json: trainng is not a known key; did you mean "training"\?/,
  )
  t.regex(
    message({ environment: 'a', training: { step: 3 } }),
    /training\.step is not a known key; did you mean "steps"\?/,
  )
  t.regex(
    message({ environment: 'a', training: { steps: 'abc' } }),
    /^config\.json: training\.steps is "abc"; give a whole number above 0\.$/,
  )
  t.regex(
    message({ environment: 'a', training: { evaluateEvery: 'x' } }),
    /give a whole number above 0 or null\.$/,
  )
  t.regex(
    message({ environment: 'a', training: { warmup: true } }),
    /is true; give a whole number of at least 0\.$/,
  )
  t.regex(message({ environment: 'a', policy: 8 }), /policy is 8; give settings in braces\.$/)
  t.regex(message({ environment: 'a', training: { betas: 1 } }), /training\.betas is 1; give a list/)
  t.is(
    message({ environment: 'a', process: { type: 'fow' } }),
    'config.json: process.type is "fow"; did you mean "flow"? Valid types: ddpm, flow, consistency.',
  )
  t.regex(
    message({ environment: 'a', network: { type: 'mlp', wdth: 3 } }),
    /network\.wdth .* Valid keys: type, width, blocks, timeEmbedding, octaves\.$/,
  )
  t.regex(
    message({ environment: 'a', coupling: { type: 'local', cel: 3 } }),
    /coupling\.cel .* did you mean "cell"\?/,
  )
  t.regex(
    message({ environment: 'a', coupling: { type: 'lokal' } }),
    /coupling\.type is "lokal"; did you mean "local"\?/,
  )
  t.regex(message({ environment: 'a', coupling: {} }), /coupling\.type is missing; it must be one of /)
  t.regex(message({ environment: 'a', policy: { act: 20 } }), /policy .* act <= plan/)
  t.regex(message(3), /^config\.json: is 3/)
  t.throws(() => parseConfig(plannerSchema, null, 'x'), { instanceOf: InputError })
})

test('the JSON schema describes what may be written, not what must', (t) => {
  const schema = jsonSchema(plannerSchema) as { required: string[]; properties: Record<string, unknown> }
  t.deepEqual(schema.required, ['environment'])
  t.true('coupling' in schema.properties)
})
