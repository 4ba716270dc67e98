'use strict';
// What every page has: its data, its colours, its charts, and words for figures.
addEventListener('error', event => { document.documentElement.dataset.failed = event.message; });
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.getElementById('main');
const FONT = 'system-ui, "DejaVu Sans", sans-serif';
const ruler = document.createElement('canvas').getContext('2d');

const dark = matchMedia('(prefers-color-scheme: dark)');
let theme = dark.matches ? 'dark' : 'light';
document.documentElement.dataset.theme = theme;
const drawn = []; // {chart, option}: drawn anew when colours change
// a box may become narrower without the window, such as by its neighbour or in a frame
const widths = new ResizeObserver(changed => changed.forEach(each => echarts.getInstanceByDom(each.target)?.resize()));

function ink() {
  return theme === 'dark'
    ? { text: '#e6eaf0', soft: '#9aa6b5', line: '#2c3541', paper: '#11151b', tip: '#232b36',
        series: ['#6cb0ff', '#ffb86b', '#7bd88f', '#ff8a80', '#c3a6ff', '#5fd4d4', '#f2d15c', '#f59ac8'],
        heat: ['#27405f', '#285f94', '#2f86c1', '#7cc4c4', '#f2d15c', '#ff9f5a', '#ff6b5e'] }
    : { text: '#1b2430', soft: '#5b6675', line: '#d9dde3', paper: '#ffffff', tip: '#ffffff',
        series: ['#1f6feb', '#d9730d', '#1a7f37', '#c4281c', '#7a4ed9', '#0b8a8a', '#9a7400', '#b8377f'],
        heat: ['#e4eef8', '#b5d3ee', '#6fa9d8', '#4f8f9a', '#c9a227', '#d9730d', '#b42318'] };
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  for (const child of children) made.append(child);
  return made;
}

function section(title, about) {
  const made = element('section', {}, element('h2', {}, title));
  if (about) made.append(element('p', { class: 'about' }, about));
  main.append(made);
  return made;
}

function millis(nanos) { return duration(nanos / 1e6); }

function duration(ms) {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size >= 1000) return Math.round(ms).toLocaleString('en') + ' ms';
  return ms.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3) + ' ms';
}

function bytes(n) {
  return n >= 1 << 20 ? (n / (1 << 20)).toFixed(n >= 100 << 20 ? 0 : 1) + ' MiB' : n >= 1024 ? (n / 1024).toFixed(1) + ' KiB' : n + ' B';
}

// Cut in the middle where it is wider than so many pixels: functions and packages differ at their end.
function fitting(text, width) {
  ruler.font = '12px ' + FONT;
  for (let kept = text.length; ; kept--) {
    const shown = kept === text.length ? text : text.slice(0, Math.ceil(kept / 2)) + '…' + text.slice(text.length - Math.floor(kept / 2));
    if (kept < 4 || ruler.measureText(shown).width <= width) return shown;
  }
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}

// Draws a chart; option() is asked again whenever the colours change. Returns a function that redraws.
function draw(parent, height, label, option) {
  const box = element('div', { class: 'chart', role: 'img', 'aria-label': label });
  box.style.height = height + 'px';
  parent.append(box);
  const chart = echarts.init(box, null, { renderer: 'canvas' });
  const redraw = newHeight => {
    if (newHeight) { box.style.height = newHeight + 'px'; chart.resize(); }
    const colours = ink();
    chart.setOption(Object.assign({ animation: false, backgroundColor: 'transparent', color: colours.series,
      textStyle: { color: colours.text, fontFamily: FONT } }, option(colours)), true);
  };
  redraw();
  widths.observe(box);
  drawn.push({ chart, redraw });
  return { chart, redraw };
}

function axis(colours, more) {
  return Object.assign({
    axisLine: { lineStyle: { color: colours.line } }, axisTick: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.soft }, nameTextStyle: { color: colours.soft },
    splitLine: { lineStyle: { color: colours.line } } }, more);
}

function tip(colours, formatter, more) {
  return Object.assign({ backgroundColor: colours.tip, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 13 },
    confine: true, formatter }, more);
}

function choice(parent, names, chosen, act) {
  const row = element('div', { class: 'buttons' });
  names.forEach(name => {
    const button = element('button', { type: 'button', 'aria-pressed': String(name === chosen) }, name);
    button.addEventListener('click', () => {
      row.querySelectorAll('button').forEach(b => b.setAttribute('aria-pressed', String(b === button)));
      act(name);
    });
    row.append(button);
  });
  parent.append(row);
}

function heading(title, command) {
  const toggle = element('button', { type: 'button' }, 'light / dark');
  toggle.addEventListener('click', () => setTheme(theme === 'dark' ? 'light' : 'dark'));
  main.append(element('header', {}, element('h1', {}, title), toggle), element('p', {}, element('code', {}, command)));
}

function setTheme(next) {
  theme = next;
  document.documentElement.dataset.theme = theme;
  drawn.forEach(each => each.redraw());
}

function tiles(list) {
  const row = element('div', { class: 'tiles' });
  list.forEach(([figure, what]) => row.append(element('div', { class: 'tile' }, element('b', {}, figure), element('span', {}, what))));
  main.append(row);
}

function table(parent, head, rows) {
  const made = element('table', {}, element('tr', {}, ...head.map(h => element('th', {}, h))));
  rows.forEach(row => made.append(element('tr', {}, ...row.map(cell =>
    cell instanceof Node ? cell : element('td', {}, cell)))));
  parent.append(element('div', { class: 'scroll' }, made));
}

// For whoever looks at the page by program: all of it is there.
function done() { document.documentElement.dataset.drawn = String(drawn.length); }

dark.addEventListener('change', event => setTheme(event.matches ? 'dark' : 'light'));
