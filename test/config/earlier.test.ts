import test from 'ava'
import { asMeant } from '../../src/config/earlier.ts'

test('a run without a setting that came later means what was done before it', (t) => {
  t.deepEqual(asMeant({ coupling: { type: 'local', cell: 8 } }), {
    coupling: { type: 'local', cell: 8, balance: 0 },
  })
  t.deepEqual(asMeant({ coupling: { type: 'after', step: 1, coupling: { type: 'local' } } }), {
    coupling: { type: 'after', step: 1, coupling: { type: 'local', balance: 0 } },
  })
})

test('everything else of a config stays as it was written', (t) => {
  const config = {
    coupling: { type: 'local', balance: 0.2 },
    network: { type: 'mlp', widths: [1, 2], given: null },
    seed: 0,
  }
  t.deepEqual(asMeant(config), config)
  t.is(asMeant('text'), 'text')
})
