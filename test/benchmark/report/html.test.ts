import test from 'ava'
import { parseHTML } from 'linkedom'
import { table } from '../../../src/benchmark/report/document.ts'
import { html } from '../../../src/benchmark/report/html.ts'

const tableOf = (head: string[], rows: string[][]) =>
  parseHTML(html(table(head, rows), 'A report')).document.querySelector('.scroll table')!

test('a wide table keeps in sight what names a row', (t) => {
  const plain = tableOf(['task', 'settings'], [['`a`', 'b']])
  t.false(plain.classList.contains('two'))
  const named = tableOf(['task', 'arm'], [['`a/b`', 'local']])
  t.true(named.classList.contains('two'))
  // The second cell stands beside the first, however wide that is.
  const first = (task: string) =>
    Number(/--first: ([\d.]+)em/.exec(tableOf(['task', 'arm'], [[task, '']]).getAttribute('style')!)![1])
  t.true(first('`two-way-axis/unet`') > first('`a/b`'))
})
