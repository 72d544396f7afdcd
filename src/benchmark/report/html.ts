import { element, escapeXml } from '../../evaluate/svg.ts'
import type { Block } from './document.ts'
import { FAINT, FONT, INK } from './style.ts'

/** A report as one page of HTML that needs nothing else. */
export function html(blocks: readonly Block[], title: string): string {
  // The contents stand between the introduction and the first chapter.
  const first = blocks.findIndex((block) => block.kind === 'heading' && block.level === 2)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>
body { margin: 2.5rem auto; max-width: 72rem; padding: 0 1.25rem; background: #fff; color: ${INK}; font: 15px/1.55 ${FONT}; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 1px solid #d5dae1; }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p, ul { max-width: 52rem; }
li { margin: .3rem 0; }
p:has(> strong:only-child) { margin-bottom: .2rem; }
p:has(> strong:only-child) + ul { margin-top: .2rem; }
code { white-space: nowrap; font-size: .9em; background: #f1f3f6; padding: .1em .3em; border-radius: 3px; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; display: block; }
figcaption, .note { color: ${FAINT}; font-size: .9rem; margin-top: .4rem; max-width: 52rem; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin-bottom: 1.5rem; font-size: .9rem; }
nav a { color: ${FAINT}; }
/* Wide and long tables scroll within their own frame; shadows at its edges show that there is more.
   What names a row stays: its first cell, or the first two. */
.scroll { overflow: auto; margin: 1rem 0; max-height: 85vh; max-width: max-content; background:
  linear-gradient(to right, #fff 1.5rem, transparent) 0 0 / 3rem 100% local,
  linear-gradient(to left, #fff 1.5rem, transparent) 100% 0 / 3rem 100% local,
  linear-gradient(to top, #fff 1rem, transparent) 0 100% / 100% 2rem local,
  linear-gradient(to top, rgb(31 39 51 / .2), transparent) 0 100% / 100% .6rem scroll,
  linear-gradient(to right, rgb(31 39 51 / .28), transparent) 0 0 / .9rem 100% scroll,
  linear-gradient(to left, rgb(31 39 51 / .28), transparent) 100% 0 / .9rem 100% scroll;
  background-repeat: no-repeat; }
.scroll th { position: sticky; top: 0; background: #fff; }
.scroll th:first-child, .scroll td:first-child { position: sticky; left: 0; background: #fff; border-right: 1px solid #e3e6eb; }
.scroll th:nth-child(2), .scroll td:nth-child(2) { padding-left: .7rem; }
.scroll .two :is(th, td):first-child { box-sizing: border-box; min-width: var(--first); border-right: none; }
.scroll .two :is(th, td):nth-child(2) { position: sticky; left: var(--first); background: #fff; padding-left: 0; border-right: 1px solid #e3e6eb; }
.scroll .two :is(th, td):nth-child(3) { padding-left: .7rem; }
.scroll th:first-child, .scroll .two th:nth-child(2) { z-index: 1; }
table { border-collapse: separate; border-spacing: 0; margin: 0; font-size: .86rem; font-variant-numeric: tabular-nums; }
th { font-weight: 600; text-align: left; vertical-align: bottom; }
th, td { padding: .3rem .9rem .3rem 0; vertical-align: top; border-bottom: 1px solid #e3e6eb; white-space: nowrap; }
td { border-bottom-color: transparent; }
tr.first td { border-top: 1px solid #e3e6eb; }
details { margin: .6rem 0; }
summary { cursor: pointer; color: ${FAINT}; }
@media (max-width: 50rem) { .scroll .two :is(th, td):nth-child(2) { position: static; } }
@media print { body { margin: 0; max-width: none; } .scroll { overflow: visible; max-height: none; } }
</style>
</head>
<body>
${blocks.slice(0, first).map(write).join('\n')}
${contents(blocks)}
${blocks.slice(first).map(write).join('\n')}
</body>
</html>
`
}

function write(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return element(
        `h${block.level}`,
        block.level === 2 ? { id: anchor(block.text) } : {},
        inline(block.text),
      )
    case 'text':
      return element('p', {}, inline(block.text))
    case 'list':
      return folded(
        element('ul', {}, ...block.items.map((item) => element('li', {}, inline(item)))),
        block.folded,
      )
    case 'figure':
      return element('figure', {}, block.svg, element('figcaption', {}, inline(block.caption)))
    case 'table': {
      const head = element('tr', {}, ...block.head.map((cell) => element('th', {}, inline(cell))))
      const rows = block.rows.map((cells, i) => {
        // What a row has in common with the one above it is said once.
        const same = block.rows[i - 1]?.[0] === cells[0]
        return element(
          'tr',
          same ? {} : { class: 'first' },
          ...cells.map((cell, k) => element('td', {}, k === 0 && same ? '' : inline(cell))),
        )
      })
      const made = element(
        'div',
        { class: 'scroll' },
        element('table', kept(block), element('thead', {}, head), element('tbody', {}, ...rows)),
      )
      const note = block.note ? element('p', { class: 'note' }, inline(block.note)) : ''
      return folded(made + note, block.folded)
    }
  }
}

/** Where task and arm name a row both stay in sight, so the second needs to know how wide the first is. */
function kept({ head, rows }: Extract<Block, { kind: 'table' }>): Record<string, string> {
  if (head[1] !== 'arm') return {}
  const longest = Math.max(...[head, ...rows].map(([first]) => first.length))
  return { class: 'two', style: `--first: ${(0.58 * longest + 1.6).toFixed(1)}em` }
}

/** Links to the chapters. */
function contents(blocks: readonly Block[]): string {
  const links = blocks.flatMap((block) =>
    block.kind === 'heading' && block.level === 2
      ? [element('a', { href: `#${anchor(block.text)}` }, escapeXml(block.text))]
      : [],
  )
  return element('nav', {}, ...links)
}

/** `few-evaluations-from-one-constant-observation` */
function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function folded(content: string, summary: string | undefined): string {
  return summary === undefined
    ? content
    : element('details', {}, element('summary', {}, escapeXml(summary)), content)
}

/** `code` and **bold**. */
function inline(content: string): string {
  return escapeXml(content)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll('\n', '<br>')
}
